import { type HlsFilm, openHls, type Rendition } from '../../test/support/clients/hls.ts'
import { begin } from '../../test/support/server/request.ts'
import { sleep } from '../../test/support/wait.ts'

/** Only bounds a hang: what is late is counted. */
const TIMEOUT_MS = 600_000

/** A server that is full is asked again when it has said. @throws Error for anything else but a whole 200 */
export async function bytesOf(url: string): Promise<Buffer> {
  const answer = await begin(url, { timeout: TIMEOUT_MS })
  const { status, complete, body } = await answer.rest()
  const again = Number(answer.headers['retry-after'])
  if (status === 503 && again > 0) {
    await sleep(again * 1000)
    return bytesOf(url)
  }
  if (status !== 200 || !complete) throw new Error(`${status} ${url}: ${body.subarray(0, 300)}`)
  return body
}

/** Milliseconds to the first byte of a range that begins there. */
export async function firstByte(url: string, at: number): Promise<number> {
  const since = performance.now()
  const headers = { Range: `bytes=${at}-` }
  const answer = await begin(url, { headers, timeout: TIMEOUT_MS })
  await answer.read(1)
  const ms = performance.now() - since
  answer.leave()
  if (answer.status !== 206) throw new Error(`${answer.status} ${url}`)
  return ms
}

/** The picture and the first sound of a moment of the film. */
const both = ({ video, audio }: HlsFilm): readonly Rendition[] => [video, ...audio.slice(0, 1)]

export interface Started {
  readonly film: HlsFilm
  /** Milliseconds until the heads and first segments of picture and sound were here. */
  readonly ms: number
  /** Head and segment of each, for a decoder. */
  readonly parts: readonly Buffer[]
}

/** What a player asks for before it can show anything, as hls.js does: lists, then heads and segments together. */
export async function startFilm(base: string): Promise<Started> {
  const since = performance.now()
  const film = await openHls(base)
  const parts = await Promise.all(
    both(film).map(async ({ init, segments: [first = ''] }) =>
      Buffer.concat(await Promise.all([bytesOf(init), bytesOf(first)])),
    ),
  )
  return { film, ms: performance.now() - since, parts }
}

/** Milliseconds until picture and sound of segment `n` are here. */
export async function seekTo(film: HlsFilm, n: number): Promise<number> {
  const since = performance.now()
  await Promise.all(both(film).map(({ segments }) => bytesOf(segments[n] ?? '')))
  return performance.now() - since
}

export interface Watched {
  /** Of the film. */
  readonly seconds: number
  /** Those that were not there when they had to be shown. */
  readonly late: number
  /** The longest of those waits, seconds. */
  readonly waited: number
}

/**
 * Watches at 1x, with one segment in hand: the next is asked for when one begins to be shown, so it has to be made
 * within the time that one lasts. A late one stops the film until it is there.
 */
export async function watch(film: HlsFilm, first: number, count: number): Promise<Watched> {
  await seekTo(film, first)
  const { lengths } = film.video
  let [late, waited] = [0, 0]
  for (let n = first; n + 1 < first + count; n++) {
    const shownMs = (lengths[n] ?? 0) * 1000
    const since = performance.now()
    const [took] = await Promise.all([seekTo(film, n + 1), sleep(shownMs)])
    if (took > shownMs) {
      late++
      waited = Math.max(waited, (performance.now() - since - shownMs) / 1000)
    }
  }
  const seconds = film.video.lengths.slice(first, first + count).reduce((sum, one) => sum + one, 0)
  return { seconds, late, waited }
}
