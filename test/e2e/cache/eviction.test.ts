import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { cacheStats, errorCode, published, settled } from '../../support/facts.ts'
import { diskUse } from '../../support/server/disk.ts'
import type { Playlink } from '../../support/server/playlink.ts'
import { type Answer, ask, begin } from '../../support/server/request.ts'
import { openStage, type Stage } from '../../support/server/stage.ts'
import { KiB, MiB, sha256 } from '../../support/swarm/payload.ts'
import type { TorrentPlan } from '../../support/swarm/torrent.ts'
import { movie, playMovie } from '../../support/titles.ts'
import { eventually, sleep } from '../../support/wait.ts'

const SMALL = ['a', 'b', 'c', 'd', 'e'] as const
type Name = (typeof SMALL)[number] | 'long'
const ids: Record<Name, string> = {
  a: 'tt9000701',
  b: 'tt9000702',
  c: 'tt9000703',
  d: 'tt9000704',
  e: 'tt9000705',
  long: 'tt9000706',
}
const SIZE = 1_000_000
/** More than sockets buffer, so that a reader who stops keeps the file in use. */
const LONG = 24 * MiB
/** Sidecars and metainfo of a handful of torrents: no payload, so outside CACHE_MAX_DISK_MB. */
const BOOKKEEPING = 256 * KiB

const small = (name: string): TorrentPlan => ({
  name: `${name}.mkv`,
  size: SIZE,
  pieceLength: 32 * KiB,
})

describe('what must go, goes; what is read, stays', () => {
  let stage: Stage<Name>
  beforeAll(async () => {
    stage = await openStage<Name>({
      torrents: {
        a: small('a'),
        b: small('b'),
        c: small('c'),
        d: small('d'),
        e: small('e'),
        long: { name: 'long.mkv', size: LONG, pieceLength: 256 * KiB },
      },
      titles: ({ magnet }) =>
        [...SMALL, 'long' as const].map((name) => movie(ids[name], name, { magnet: magnet(name) })),
    })
  })
  afterAll(() => stage.end())

  async function play(server: Playlink, name: Name): Promise<Answer> {
    const answer = await ask(server.base + playMovie(ids[name]))
    expect([name, answer.status]).toEqual([name, 200])
    expect(sha256(answer.body)).toBe(sha256(stage.torrents[name].content))
    await published(server.base, ids[name])
    return answer
  }
  const hits = async (server: Playlink): Promise<number> =>
    (await cacheStats(server.base)).plays.hits

  test('by count: the least recently used one goes', async () => {
    const server = await stage.another({ CACHE_MAX_SIZE: '2' })
    await play(server, 'a')
    await play(server, 'b')
    await play(server, 'a')
    await play(server, 'c')
    const stats = await cacheStats(server.base)
    expect(stats.files).toEqual(expect.objectContaining({ count: 2, max: 2 }))
    expect(stats.evictions.count).toBe(1)
    const before = await hits(server)
    await play(server, 'a')
    expect(await hits(server)).toBe(before + 1)
    await play(server, 'b')
    expect(await hits(server)).toBe(before + 1)
  })

  test('by bytes: the disk never holds more than the limit, sampled all the while', async () => {
    const server = await stage.another({ CACHE_MAX_DISK_MB: '3' })
    let most = 0
    let told = 0
    let sampling = true
    const sampler = (async () => {
      while (sampling) {
        most = Math.max(most, await diskUse(server.cacheDir))
        told = Math.max(told, (await cacheStats(server.base)).disk.usedBytes)
        await sleep(20)
      }
    })()
    for (const name of SMALL) await play(server, name)
    sampling = false
    await sampler
    expect(told).toBeLessThanOrEqual(3_000_000)
    expect(told).toBeGreaterThan(2_000_000)
    expect(most).toBeLessThanOrEqual(3_000_000 + BOOKKEEPING)
    const stats = await cacheStats(server.base)
    expect(stats.files.count).toBe(3)
    expect(stats.evictions.disk).toBe(2)

    // larger than the limit: played, but not kept, and the others make room for its slots
    const tooLarge = await ask(server.base + playMovie(ids.long))
    expect(sha256(tooLarge.body)).toBe(sha256(stage.torrents.long.content))
    expect((await settled(server.base)).disk.reservedBytes).toBe(0)
    await play(server, 'e')
  })

  test('never a file being read: others push, the slow reader gets every byte', async () => {
    const server = await stage.another({ CACHE_MAX_SIZE: '2' })
    await play(server, 'long')
    const reader = await begin(server.base + playMovie(ids.long))
    const begun = await reader.read(64 * KiB)
    let most = 0
    for (const name of ['a', 'b', 'c'] as const) {
      await playBeside(server, name)
      most = Math.max(most, (await cacheStats(server.base)).files.count)
    }
    expect(most).toBe(2)
    // a second reader of the same file keeps it in use after the first has left
    const other = await begin(server.base + playMovie(ids.long), {
      headers: { Range: 'bytes=100-' },
    })
    const otherBegun = await other.read(1)
    const rest = await reader.rest()
    expect(rest.complete).toBe(true)
    expect(sha256(Buffer.concat([begun, rest.body]))).toBe(sha256(stage.torrents.long.content))
    await playBeside(server, 'd')
    expect(otherBegun.length + (await other.rest()).body.length).toBe(LONG - 100)
    await settled(server.base)
    // nobody reads it any more: now it is the oldest
    await play(server, 'e')
    await play(server, 'a')
    const before = await hits(server)
    await play(server, 'e')
    expect(await hits(server)).toBe(before + 1)
    expect((await cacheStats(server.base)).files.count).toBe(2)
  })

  test('all of it being read: 507 instead of a cut stream', async () => {
    const server = await stage.another({ CACHE_MAX_SIZE: '1' })
    await play(server, 'long')
    const reader = await begin(server.base + playMovie(ids.long))
    const begun = await reader.read(64 * KiB)
    const refused = await ask(server.base + playMovie(ids.a))
    expect([refused.status, errorCode(refused.body)]).toEqual([507, 'DOES_NOT_FIT'])
    const rest = await reader.rest()
    expect(begun.length + rest.body.length).toBe(LONG)
  })

  test('by time: from the last use on, and not while somebody reads', async () => {
    const server = await stage.another({ CACHE_TTL: '4', CACHE_CLEANUP_INTERVAL: '1' })
    await play(server, 'long')
    const reader = await begin(server.base + playMovie(ids.long))
    const begun = await reader.read(64 * KiB)
    await playBeside(server, 'a')
    await eventually(
      'the unused one gone',
      async () => (await cacheStats(server.base)).evictions.ttl === 1,
    )
    // past its own time now, and still whole
    const rest = await reader.rest()
    expect(sha256(Buffer.concat([begun, rest.body]))).toBe(sha256(stage.torrents.long.content))
    await eventually('the other gone too', () => empty(server))
    expect(await diskUse(server.cacheDir)).toBeLessThan(BOOKKEEPING)
  })

  /** Plays while a reader is held, so nothing settles. */
  async function playBeside(server: Playlink, name: Name): Promise<void> {
    const answer = await ask(server.base + playMovie(ids[name]))
    expect([name, answer.status]).toEqual([name, 200])
    expect(sha256(answer.body)).toBe(sha256(stage.torrents[name].content))
  }
  async function empty(server: Playlink): Promise<boolean> {
    const { files, disk } = await cacheStats(server.base)
    return files.count === 0 && disk.usedBytes === 0
  }
})
