import { expect } from '@jest/globals'
import type { SeededRandom } from '../../common/seeded-random.ts'
import { ask, begin, type Stream } from '../server/request.ts'
import { playMovie } from '../titles.ts'
import { sleep } from '../wait.ts'
import type { Film, WorldNode } from './world.ts'

/** Bounds a hang. */
const PATIENCE_MS = 120_000

const urlOf = (node: WorldNode, film: Film): string => node.base + playMovie(film.id)

/** @throws Error with the first byte that is another one */
function expectRight(film: Film, from: number, bytes: Buffer): void {
  const wanted = film.bytes.subarray(from, from + bytes.length)
  if (bytes.equals(wanted)) return
  const at = bytes.findIndex((byte, i) => byte !== wanted[i])
  throw new Error(`wrong byte ${from + at} of ${film.id} (${bytes.length} bytes from ${from})`)
}

/** A play that has begun: its first bytes have come, and are right. */
export interface Watching {
  /** Every byte to the end, right. @throws Error the connection ended before */
  end(): Promise<void>
  /** So many bytes more, right. */
  more(bytes: number): Promise<void>
  leave(): void
}

/** Begins at a byte of the film, and takes at least some bytes. @throws Error no such answer */
export async function watch(
  node: WorldNode,
  film: Film,
  from = 0,
  bytes = 50_000,
): Promise<Watching> {
  const headers = { range: `bytes=${from}-` }
  const stream = await begin(urlOf(node, film), { headers, timeout: PATIENCE_MS })
  if (stream.status !== 206) throw new Error(await refusal(stream))
  let at = from
  const take = (part: Buffer): void => {
    expectRight(film, at, part)
    at += part.length
  }
  take(await stream.read(bytes))
  return {
    leave: stream.leave,
    more: async (wanted) => take(await stream.read(wanted)),
    async end() {
      const { body, complete } = await stream.rest()
      take(body)
      if (!complete || at !== film.bytes.length) throw new Error(`cut at ${at} of ${film.id}`)
    },
  }
}

const refusal = async (stream: Stream): Promise<string> =>
  `${stream.status}: ${(await stream.rest()).body.toString('utf8', 0, 300)}`

/** From a byte to the end of the film. */
export async function watchAll(node: WorldNode, film: Film, from = 0): Promise<void> {
  const watching = await watch(node, film, from)
  await watching.end()
}

/** What people and their players do: the whole film, the end first, a part, a HEAD, leaving in the middle. */
export async function watchSomehow(
  random: SeededRandom,
  node: WorldNode,
  film: Film,
): Promise<void> {
  const url = urlOf(node, film)
  const size = film.bytes.length
  const from = random.below(size)
  const to = Math.min(size - 1, from + random.below(size))
  const kind = random.pick(['whole', 'whole', 'end', 'part', 'head', 'leave', 'seek'])
  const pause = random.below(400)
  await sleep(pause)
  if (kind === 'whole') return watchAll(node, film)
  if (kind === 'head') {
    const { status, headers } = await ask(url, { method: 'HEAD' })
    expect(status).toBe(200)
    expect([undefined, `${size}`]).toContain(headers['content-length'])
    return
  }
  if (kind === 'leave') {
    const watching = await watch(node, film, from, 1)
    return watching.leave()
  }
  if (kind === 'seek') {
    const before = await watch(node, film, 0, 100_000)
    before.leave()
    return watchAll(node, film, from)
  }
  const range = kind === 'end' ? `bytes=-${size - from}` : `bytes=${from}-${to}`
  const { status, body } = await ask(url, { headers: { range }, timeout: PATIENCE_MS })
  expect([kind, status, body.length]).toEqual([
    ...[kind, 206],
    kind === 'end' ? size - from : to - from + 1,
  ])
  expectRight(film, from, body)
}
