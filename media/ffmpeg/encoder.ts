import { createHash } from 'node:crypto'
import { Fault } from '../../common/errors.ts'
import { Owners } from '../../common/permits/owners.ts'
import { Permits } from '../../common/permits/permits.ts'
import { RUNGS, type Rung } from '../film/rungs.ts'
import { type Ffmpeg, type FfmpegLimits, runFfmpeg, TookTooLong } from './run-ffmpeg.ts'
import { PRESETS, type Preset, trialArguments } from './video-plan.ts'

/** What this machine encodes in real time. */
export interface Strength {
  readonly rung: Rung
  readonly preset: Preset
  /** Whether that is real time; false: nothing is, and this is the least. */
  readonly isFast: boolean
  /** Equal where the same film comes to the same bytes: of the preset, and of what the trial came to. */
  readonly stamp: string
}

export interface EncoderOptions {
  /** One encode a core. */
  readonly cores: number
  /** Milliseconds; tests have a clock of their own. */
  readonly now?: () => number
  /** A trial is given up after so many milliseconds, whatever that clock says. */
  readonly trialMs?: number
  /** What runs it for viewers, and is not ended here. The trial is run by this process, which is small then. */
  readonly ffmpeg?: Ffmpeg
}

/** A player asks for one segment after the other: who has to wait longer than one takes would stall. */
const WAITING_PER_CORE = 1
/** A film of so many seconds tells how fast the machine is. */
const TRIAL_SECONDS = 2
/** The film has to be decoded too, and somebody may ask for another. */
const FAST = 1.5
const TRIAL_MS = 30_000
/** Bytes for players, sound and pages come first. */
const NICENESS = 10
/** A segment of a minute at the slowest; half a gibibyte for a large picture, beside the encoder's own. */
const LIMITS: FfmpegLimits = { ms: 90_000, cpuSeconds: 90, niceness: NICENESS }
const RETRY_SECONDS = 5
const TOO_SLOW =
  'The picture of this film has to be encoded for a browser, and this server is too slow or too busy for it. Choose a source that your browser plays as it is, or start the server again when it has less to do.'

/** Encodes pictures, at most one a core at once, with what a trial at the start has shown to be fast enough. */
export class Encoder {
  readonly #permits: Permits
  readonly #ffmpeg: Ffmpeg
  readonly #closing = new AbortController()
  readonly #strength: Promise<Strength | Fault>

  constructor({
    cores,
    now = () => performance.now(),
    trialMs = TRIAL_MS,
    ffmpeg = { run: runFfmpeg },
  }: EncoderOptions) {
    this.#ffmpeg = ffmpeg
    this.#permits = new Permits({
      max: cores,
      maxEach: Math.max(1, Math.ceil((cores * 3) / 4)),
      waitingMax: WAITING_PER_CORE * cores,
    })
    this.#strength = strengthOf(this.#closing.signal, now, trialMs).catch((error: unknown) =>
      error instanceof Fault ? error : new Fault('NO_CONVERTER', {}, { cause: error }),
    )
  }

  /** What it can; a Fault says why it can do nothing. Never rejects. */
  get strength(): Promise<Strength | Fault> {
    return this.#strength
  }

  /** How many run and wait now. */
  get load(): { readonly running: number; readonly waiting: number } {
    return { running: this.#permits.running, waiting: this.#permits.waiting }
  }

  get isClosed(): boolean {
    return this.#closing.signal.aborted
  }

  /** @throws Fault TOO_MANY_CONVERSIONS, and as runFfmpeg */
  async run(
    args: readonly string[],
    input: Uint8Array,
    { signal, address }: { readonly signal: AbortSignal; readonly address?: string | undefined },
  ): Promise<Uint8Array> {
    const owners = new Owners()
    owners.add(address)
    const permit = await this.#permits
      .acquire(signal, () => undefined, owners)
      .catch((error: unknown) => {
        if (!(error instanceof Fault) || error.code !== 'TOO_MANY_ARRIVALS') throw error
        throw tooMany(error)
      })
    try {
      return new Uint8Array(await this.#ffmpeg.run(args, input, signal, LIMITS))
    } finally {
      permit.release()
    }
  }

  async close(): Promise<void> {
    this.#closing.abort(new Error('closed'))
    await this.#strength
  }
}

const tooMany = (cause: Error): Fault =>
  new Fault(
    'TOO_MANY_CONVERSIONS',
    {
      retryAfterSeconds: RETRY_SECONDS,
      message:
        'This server encodes as many films as its cores allow. Try again shortly, or choose a source that your browser plays as it is.',
    },
    { cause },
  )

/** The best picture that is encoded faster than it is watched. @throws Fault NO_CONVERTER */
async function strengthOf(
  signal: AbortSignal,
  now: () => number,
  trialMs: number,
): Promise<Strength> {
  let last: Strength | undefined
  for (const rung of RUNGS) {
    for (const preset of PRESETS) {
      // A smaller picture is better than one in which nothing was left out of the work.
      if (rung !== RUNGS.at(-1) && preset === 'ultrafast') continue
      const began = now()
      const args = trialArguments(rung, preset, TRIAL_SECONDS)
      // Too slow is not unable: it may do the next, which is less. The least has the time of a segment.
      const made = await trial(args, signal, isLeast(rung, preset) ? LIMITS.ms : trialMs)
      if (!made) continue
      const isFast = TRIAL_SECONDS * 1000 >= FAST * (now() - began)
      const stamp = `${preset} ${createHash('sha256').update(made).digest('base64url').slice(0, 16)}`
      last = { rung, preset, isFast, stamp }
      if (isFast) return last
    }
  }
  if (!last) throw new Fault('NO_CONVERTER', { message: TOO_SLOW })
  return last
}

const isLeast = (rung: Rung, preset: Preset): boolean =>
  rung === RUNGS.at(-1) && preset === PRESETS.at(-1)

/** What it came to; undefined: it was not done in that time. */
async function trial(
  args: readonly string[],
  signal: AbortSignal,
  ms: number,
): Promise<Buffer | undefined> {
  try {
    return await runFfmpeg(args, new Uint8Array(), signal, { ...LIMITS, ms })
  } catch (error) {
    if (error instanceof TookTooLong) return undefined
    if (!(error instanceof Fault)) throw error
    const message =
      error.code === 'NO_CONVERTER'
        ? 'The picture of this film has to be encoded for a browser, and this server has no ffmpeg.'
        : 'The picture of this film has to be encoded for a browser, and the ffmpeg of this server cannot: it needs version 5.1 or later, with libx264.'
    throw new Fault('NO_CONVERTER', { message }, { cause: error })
  }
}
