import { type Answer, ask, begin } from '../support/server/request.ts'
import type { Stage } from '../support/server/stage.ts'
import { FRONTS } from '../support/strangers/foreign-services.ts'
import { COLD, type FilmName, LARGE, SUBTITLED } from '../support/strangers/strangers-stage.ts'
import { playMovie, streamsOf } from '../support/titles.ts'
import { sleep } from '../support/wait.ts'

/** More than one, as viewers have; few enough that a warm-up has met them all. */
const ADDRESSES = 40
const LISTED = 50

interface Film {
  readonly id: string
  readonly content: Buffer
}

/** Viewers who do in turn what viewers do. What should have worked and did not is remembered. */
export class HonestViewers {
  readonly failures: string[] = []
  readonly done: Record<string, number> = {}
  readonly #base: string
  readonly #films: readonly Film[]
  readonly #actions: Readonly<Record<string, (from: string, turn: number) => Promise<void>>>
  #turn = 0

  constructor({ server, torrents }: Stage<FilmName>) {
    this.#base = server.base
    this.#films = COLD.map((id, i) => ({
      id,
      content: torrents[`cold${i}`]?.content ?? Buffer.alloc(0),
    }))
    this.#actions = {
      play: (from, turn) => this.#play(from, this.#film(turn)),
      list: (from, turn) =>
        this.#list(from, `${FRONTS.honest}98${String(turn % LISTED).padStart(3, '0')}`),
      seek: (from, turn) => this.#seek(from, this.#film(turn), turn),
      abort: (from, turn) => this.#abort(from, turn),
      head: (from, turn) => this.#head(from, this.#film(turn)),
      auto: (from, turn) => this.#auto(from, this.#film(turn)),
      subtitles: (from) => this.#subtitles(from),
    }
  }

  /** So many at once, until they are told to stop; each finishes what it has begun. */
  async visit(viewers: number, stop: AbortSignal): Promise<void> {
    const names = Object.keys(this.#actions)
    const viewer = async (): Promise<void> => {
      while (!stop.aborted) {
        const turn = this.#turn++
        const name = names[turn % names.length] ?? ''
        await this.#actions[name]?.(`127.0.1.${1 + (turn % ADDRESSES)}`, turn).catch((error) =>
          this.failures.push(`${name}: ${error}`),
        )
        this.done[name] = (this.done[name] ?? 0) + 1
        await sleep(20)
      }
    }
    await Promise.all(Array.from({ length: viewers }, viewer))
  }

  #film(turn: number): Film {
    return this.#films[(turn * 5) % this.#films.length] as Film
  }

  async #get(from: string, path: string, status: number, headers = {}): Promise<Answer> {
    const answer = await ask(this.#base + path, { from, headers, timeout: 60_000 })
    if (answer.status !== status || !answer.complete) {
      const begin = answer.body.toString('latin1', 0, 200)
      throw new Error(`${path}: ${answer.status}, ${answer.body.length} bytes: ${begin}`)
    }
    return answer
  }

  async #play(from: string, { id, content }: Film, path = playMovie(id)): Promise<void> {
    const { body } = await this.#get(from, path, 200)
    if (!body.equals(content)) throw new Error(`${id}: wrong bytes`)
  }

  async #auto(from: string, film: Film): Promise<void> {
    const path = `/play/movie/${film.id}/auto`
    const { headers } = await this.#get(from, path, 302)
    const { pathname, search } = new URL(headers.location ?? '', this.#base + path)
    await this.#play(from, film, pathname + search)
  }

  async #seek(from: string, { id, content }: Film, turn: number): Promise<void> {
    const start = (turn * 7919) % (content.length - 70_000)
    const Range = `bytes=${start}-${start + 65_535}`
    const { body } = await this.#get(from, playMovie(id), 206, { Range })
    if (!body.equals(content.subarray(start, start + 65_536))) throw new Error(`${id}: wrong bytes`)
  }

  /** Of a film that lasts: it has not come when its viewer goes. */
  async #abort(from: string, turn: number): Promise<void> {
    const id = LARGE[turn % LARGE.length] ?? ''
    const stream = await begin(this.#base + playMovie(id), { from, timeout: 60_000 })
    await stream.read(1)
    stream.leave()
    if (stream.status !== 200) throw new Error(`${id}: ${stream.status}`)
  }

  /** Of a title that is known: else it would wait a second for providers, and then may say 404. */
  async #head(from: string, { id }: Film): Promise<void> {
    await this.#list(from, id)
    const { status } = await ask(this.#base + playMovie(id), { from, method: 'HEAD' })
    if (status !== 200) throw new Error(`HEAD ${id}: ${status}`)
  }

  async #list(from: string, id: string): Promise<void> {
    await this.#get(from, streamsOf(id), 200)
  }

  async #subtitles(from: string): Promise<void> {
    await this.#get(from, playMovie(SUBTITLED), 200)
    const list = (await this.#get(from, streamsOf(SUBTITLED), 200)).json() as {
      streams: { subtitles?: { url: string }[] }[]
    }
    const url = list.streams.flatMap(({ subtitles = [] }) => subtitles)[0]?.url
    if (url !== undefined) await this.#get(from, new URL(url).pathname, 200)
  }
}
