import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals'
import { cacheStats, published, settled } from '../../support/facts.ts'
import { withDiskPeak } from '../../support/server/disk.ts'
import type { Playlink } from '../../support/server/playlink.ts'
import { ask, begin, leaveAll } from '../../support/server/request.ts'
import { openStage, type Stage } from '../../support/server/stage.ts'
import { KiB, MiB } from '../../support/swarm/payload.ts'
import { buildTorrent } from '../../support/swarm/torrent.ts'
import { movie, playMovie } from '../../support/titles.ts'
import { eventually } from '../../support/wait.ts'

const GREEDY = '127.0.0.2'
const ids = (front: string, count: number): string[] =>
  Array.from({ length: count }, (_, i) => `tt90${front}${String(i).padStart(2, '0')}`)
const [SHORT, LARGE, DEAD, LOST] = [
  ids('195', 14),
  ids('196', 5),
  ids('197', 6),
  ids('198', 6),
] as const
const SIZE = 3_000_000
/** Sidecars, metainfo and the like: no payload, so outside CACHE_MAX_DISK_MB. */
const BOOKKEEPING = MiB

/** What the server says of plays that went wrong. */
const refusals = (server: Playlink): readonly string[] =>
  server
    .log()
    .split('\n')
    .filter((line) => line.includes('"code":'))

type Name = `short${number}` | `large${number}`

describe('room that somebody would take from all others', () => {
  let stage: Stage<Name>
  beforeAll(async () => {
    const plan = (name: string, size: number) => ({
      name: `${name}.mkv`,
      size,
      pieceLength: 32 * KiB,
    })
    const torrents: Record<string, ReturnType<typeof plan>> = {}
    SHORT.forEach((_, i) => {
      torrents[`short${i}`] = plan(`short ${i}`, SIZE)
    })
    LARGE.forEach((_, i) => {
      torrents[`large${i}`] = plan(`large ${i}`, 15_000_000)
    })
    const dead = [...DEAD, ...LOST].map((id) => buildTorrent(plan(`dead ${id}`, 15_000_000)))
    stage = await openStage<Name>({
      torrents: torrents as Record<Name, ReturnType<typeof plan>>,
      titles: ({ magnet, trackerUrl }) => [
        ...DEAD.map((id, i) => movie(id, `Dead ${i}`, { torrent: `./dead${i}.torrent` })),
        ...LOST.map((id, i) =>
          movie(id, `Lost ${i}`, { magnet: dead[i + 6]?.magnet({ trackers: [trackerUrl] }) ?? '' }),
        ),
        ...SHORT.map((id, i) => movie(id, `Short ${i}`, { magnet: magnet(`short${i}`) })),
        ...LARGE.map((id, i) => movie(id, `Large ${i}`, { magnet: magnet(`large${i}`) })),
      ],
      env: { CACHE_MAX_DISK_MB: '20', PLAY_TIMEOUT: '4' },
    })
    for (const [i] of DEAD.entries()) {
      const torrent = dead[i]?.torrent({ announce: stage.trackerUrl }) ?? ''
      await writeFile(join(stage.folder, 'catalogue', `dead${i}.torrent`), torrent)
    }
  })
  afterEach(() => leaveAll())
  afterAll(() => stage.end())

  /** Six films of 3 MB, so that 2 MB of 20 are free. */
  async function filled(): Promise<Playlink> {
    const server = await stage.another({ RATE_LIMIT: 'on', LIMIT_COLD_STARTS: '100000' })
    for (const [i, id] of SHORT.slice(0, 6).entries()) {
      // Films so short may have been left in sockets: nobody may fetch many of them into the last room.
      expect((await ask(server.base + playMovie(id), { from: `127.0.3.${i}` })).status).toBe(200)
      await published(server.base, id)
    }
    return server
  }
  const evicted = async (server: Playlink): Promise<number> => {
    const { evictions } = await cacheStats(server.base)
    return evictions.disk + evictions.count
  }

  test('dead .torrent sources, dead magnets and HEAD: nothing goes', async () => {
    const server = await filled()
    const plays = [...DEAD, ...LOST].map((id) => ask(server.base + playMovie(id), { from: GREEDY }))
    const heads = LARGE.map((id) =>
      ask(server.base + playMovie(id), { from: GREEDY, method: 'HEAD' }),
    )
    for (const { status } of await Promise.all(plays)) expect([429, 503, 504]).toContain(status)
    for (const { status } of await Promise.all(heads)) expect(status).toBe(200)
    expect(await evicted(server)).toBe(0)
    expect((await cacheStats(server.base)).files.count).toBe(6)
  })

  test.each([
    ['the first byte', 'bytes=0-0'],
    ['the last byte', 'bytes=-1'],
    ['a byte in the middle', 'bytes=7000000-7000000'],
  ])('%s of five large films: nothing goes', async (_, Range) => {
    const server = await filled()
    // A line on which no more than what was asked for has come when the viewer leaves.
    await stage.seeder.rate(300_000)
    for (const id of LARGE) {
      const answer = await ask(server.base + playMovie(id), { from: GREEDY, headers: { Range } })
      expect([answer.status, answer.body.length]).toEqual([206, 1])
    }
    expect(await evicted(server)).toBe(0)
    await stage.seeder.rate(0)
  })

  test('readers that take nothing of five large films: one film of theirs in free room, nothing goes', async () => {
    const server = await stage.another({ RATE_LIMIT: 'on', CACHE_MAX_DISK_MB: '40' })
    for (const [i, id] of SHORT.slice(0, 6).entries()) {
      expect((await ask(server.base + playMovie(id), { from: `127.0.3.${i}` })).status).toBe(200)
      await published(server.base, id)
    }
    const idle = LARGE.map((id) =>
      begin(server.base + playMovie(id), { from: GREEDY, timeout: 120_000 }).catch(() => undefined),
    )
    const comesIn = async (): Promise<boolean> =>
      (await cacheStats(server.base)).disk.usedBytes > 6 * SIZE + 12_000_000
    await eventually('most of a film that nobody takes', comesIn)
    await Promise.all(idle)
    // A film that comes finds room beside them, and nobody's goes for it.
    const [next = ''] = SHORT.slice(6)
    expect((await ask(server.base + playMovie(next), { from: '127.0.4.1' })).status).toBe(200)
    expect(await evicted(server)).toBe(0)
  })

  test('fourteen films, a hundred viewers, room for six films: everybody is served', async () => {
    const server = await stage.another({ PLAY_TIMEOUT: '30' })
    const { outcome, peak } = await withDiskPeak(server.cacheDir, async () => {
      const viewers = Array.from({ length: 100 }, async (_, i) => {
        const viewer = await begin(server.base + playMovie(SHORT[i % 14] ?? ''))
        return { viewer, film: i % 14, begun: await viewer.read(16 * KiB) }
      })
      const all = await Promise.all(viewers)
      return Promise.all(
        all.map(async ({ viewer, film, begun }) => {
          const { status, complete, body } = await viewer.rest()
          const content = stage.torrents[`short${film}`]?.content ?? Buffer.alloc(0)
          const got = Buffer.concat([begun, body])
          const right = got.equals(content.subarray(0, got.length))
          return { film, status, complete, right, bytes: got.length }
        }),
      )
    })
    expect(outcome.filter(({ right }) => !right)).toEqual([])
    const cut = outcome.filter(({ status, bytes }) => status !== 200 || bytes !== SIZE)
    expect({ cut, why: cut.length > 0 && refusals(server) }).toEqual({ cut: [], why: false })
    expect(peak.blocks).toBeLessThanOrEqual(20_000_000 + BOOKKEEPING)
    expect((await settled(server.base)).disk.reservedBytes).toBe(0)
  })
})
