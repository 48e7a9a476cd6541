import { ask, begin, type Stream } from '../../test/support/server/request.ts'
import { FRONTS } from '../../test/support/strangers/foreign-services.ts'
import { COLD } from '../../test/support/strangers/strangers-stage.ts'
import { playMovie, streamsOf } from '../../test/support/titles.ts'
import { sleep } from '../../test/support/wait.ts'

export const HONEST = '127.0.0.2'
const BETWEEN_MS = 300

/** Of one phase; milliseconds. */
export interface HonestFigures {
  readonly lists: { succeeded: number; of: number }
  readonly plays: { succeeded: number; of: number }
  readonly firstBytes: number[]
}

/** A viewer that asks for lists of new titles, and plays films that nobody has played on this server. */
export class HonestViewer {
  readonly #base: string
  readonly #contents: readonly Buffer[]
  #title = 0
  #film = 0

  constructor(base: string, contents: readonly Buffer[]) {
    this.#base = base
    this.#contents = contents
  }

  /** How many it has played, from the first on. */
  get films(): number {
    return this.#film
  }

  async visit(times: number): Promise<HonestFigures> {
    const figures: HonestFigures = {
      lists: { succeeded: 0, of: 0 },
      plays: { succeeded: 0, of: 0 },
      firstBytes: [],
    }
    for (let i = 0; i < times; i++) {
      if (i % 2 === 0) {
        figures.lists.of++
        if (await this.#list()) figures.lists.succeeded++
      }
      figures.plays.of++
      const firstByte = await this.#play()
      if (firstByte !== undefined) {
        figures.plays.succeeded++
        figures.firstBytes.push(firstByte)
      }
      await sleep(BETWEEN_MS)
    }
    return figures
  }

  /** Whether it has what the addon and the indexer offer. */
  async #list(): Promise<boolean> {
    const id = `${FRONTS.honest}99${String(++this.#title).padStart(3, '0')}`
    const answer = await ask(this.#base + streamsOf(id), { from: HONEST }).catch(() => undefined)
    const text = answer?.status === 200 ? answer.body.toString() : ''
    return ['upstream', 'indexer'].every((name) => text.includes(`From: ${name}`))
  }

  /** Milliseconds to the first byte; undefined unless all bytes came and were right. */
  async #play(): Promise<number | undefined> {
    const at = this.#film++
    const began = performance.now()
    try {
      const stream = await begin(this.#base + playMovie(COLD[at] ?? ''), { from: HONEST })
      const first = await stream.read(1)
      const firstByte = performance.now() - began
      const rest = await stream.rest()
      const whole = Buffer.concat([first, rest.body])
      const isRight = stream.status === 200 && whole.equals(this.#contents[at] ?? Buffer.alloc(0))
      return isRight ? firstByte : undefined
    } catch {
      return undefined
    }
  }
}

const STEP_BYTES = 32 * 1024
const STEP_MS = 50

/** A stream that is being watched at a steady rate. */
export class PlayingStream {
  readonly #stream: Stream
  readonly #content: Buffer
  #got = 0
  #isRight = true
  #longestGap = 0
  #isWatching = true
  readonly #watched: Promise<void>

  private constructor(stream: Stream, content: Buffer) {
    this.#stream = stream
    this.#content = content
    this.#watched = this.#watch()
  }

  static async begin(url: string, content: Buffer): Promise<PlayingStream> {
    return new PlayingStream(await begin(url, { from: HONEST, timeout: 600_000 }), content)
  }

  /** Bytes and the longest wait for more since it was asked last; an error where bytes are lost. */
  figures(): { readonly bytes: number; readonly longestGapMs: number } {
    const figures = {
      bytes: this.#isRight ? this.#got : Number.NaN,
      longestGapMs: this.#longestGap,
    }
    this.#longestGap = 0
    return figures
  }

  async end(): Promise<void> {
    this.#isWatching = false
    this.#stream.leave()
    await this.#watched
  }

  async #watch(): Promise<void> {
    while (this.#isWatching && this.#got < this.#content.length) {
      const began = performance.now()
      const bytes = await this.#stream.read(STEP_BYTES)
      if (!this.#isWatching) return
      this.#longestGap = Math.max(this.#longestGap, performance.now() - began)
      const wanted = this.#content.subarray(this.#got, this.#got + bytes.length)
      this.#isRight &&= bytes.length > 0 && bytes.equals(wanted)
      this.#got += bytes.length
      if (!this.#isRight) return
      await sleep(STEP_MS)
    }
  }
}
