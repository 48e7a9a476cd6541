/** Two clocks: `wall` for what is written down and shown, `steady` for every duration and deadline. */
export interface Clock {
  /** Milliseconds since 1970; may jump. */
  wall(): number
  /** Milliseconds since some start; never jumps. */
  steady(): number
}

export const systemClock: Clock = { wall: () => Date.now(), steady: () => performance.now() }
