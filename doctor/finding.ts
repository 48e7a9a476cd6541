/** How one part of the setup is. */
export interface Verdict {
  readonly state: 'ok' | 'warning' | 'fault'
  /** What there is. */
  readonly text: string
  /** What the operator can do about it; for all but `ok`. */
  readonly todo?: string
}

/** One line. */
export interface Finding extends Verdict {
  /** A setting, a provider or a program. */
  readonly name: string
}

export interface Check {
  readonly name: string
  /** Several lines have names of their own. What it throws is a fault of what it looks at. */
  run(signal: AbortSignal): Promise<Verdict | readonly Finding[]>
}

export const ok = (text: string): Verdict => ({ state: 'ok', text })
export const warning = (text: string, todo: string): Verdict => ({ state: 'warning', text, todo })
export const fault = (text: string, todo: string): Verdict => ({ state: 'fault', text, todo })
