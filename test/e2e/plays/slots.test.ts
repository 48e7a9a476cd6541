import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { faults } from '../../../common/errors.ts'
import { withWatch } from '../../support/clients/watch.ts'
import { cacheStats, errorCode, published, settled } from '../../support/facts.ts'
import { type DiskPeak, withDiskPeak } from '../../support/server/disk.ts'
import type { Playlink } from '../../support/server/playlink.ts'
import { type Answer, ask, begin } from '../../support/server/request.ts'
import { openStage, type Stage } from '../../support/server/stage.ts'
import { KiB, MiB, sha256 } from '../../support/swarm/payload.ts'
import { movie, playMovie } from '../../support/titles.ts'

const [LONG, COARSE, KEPT, BESIDE] = ['tt9003101', 'tt9003102', 'tt9003103', 'tt9003104'] as const
/** Odd, so that the last piece is short. */
const SIZE = 40 * MiB + 12_345
const LIMIT_MB = 10
const LIMIT = LIMIT_MB * 1_000_000
/** Marker, lock and notes: no payload, so outside CACHE_MAX_DISK_MB. */
const BOOKKEEPING = 64 * KiB

describe('a film that cannot be kept is played through slots', () => {
  let stage: Stage<'long' | 'coarse' | 'kept' | 'beside'>
  let film: Buffer
  beforeAll(async () => {
    stage = await openStage({
      torrents: {
        long: { name: 'long.mkv', size: SIZE, pieceLength: 256 * KiB },
        coarse: { name: 'coarse.mkv', size: 24 * MiB, pieceLength: MiB },
        kept: { name: 'kept.mkv', size: 24 * MiB, pieceLength: 128 * KiB },
        beside: { name: 'beside.mkv', size: 6 * MiB + 7, pieceLength: 64 * KiB },
      },
      titles: ({ magnet }) => [
        movie(LONG, 'Long', { magnet: magnet('long') }),
        movie(COARSE, 'Coarse', { magnet: magnet('coarse') }),
        movie(KEPT, 'Kept', { magnet: magnet('kept') }),
        movie(BESIDE, 'Beside', { magnet: magnet('beside') }),
      ],
      env: { CACHE_MAX_DISK_MB: `${LIMIT_MB}` },
    })
    film = stage.torrents.long.content
  })
  afterAll(() => stage.end())

  const play = (server: Playlink, id: string, range?: string): Promise<Answer> =>
    ask(server.base + playMovie(id), range ? { headers: { Range: `bytes=${range}` } } : {})

  function expectWithin(peak: DiskPeak, limit: number): void {
    // A short film on a fast machine is over before many samples are taken.
    expect(peak.samples).toBeGreaterThan(0)
    expect(peak.sizes).toBeLessThanOrEqual(limit + BOOKKEEPING)
    expect(peak.blocks).toBeLessThanOrEqual(limit + BOOKKEEPING)
  }

  async function expectNothingLeft(server: Playlink): Promise<void> {
    const { files, disk } = await settled(server.base)
    expect({ files: files.count, used: disk.usedBytes, reserved: disk.reservedBytes }).toEqual({
      files: 0,
      used: 0,
      reserved: 0,
    })
    expect(await readdir(join(server.cacheDir, 'slots'))).toEqual([])
  }

  test('larger than the limit: to its end, then back where everything is evicted', async () => {
    const { server } = stage
    const { outcome, peak } = await withDiskPeak(server.cacheDir, async () => {
      const whole = await play(server, LONG)
      const { disk } = await cacheStats(server.base)
      expect(disk.usedBytes + disk.reservedBytes).toBeLessThanOrEqual(LIMIT)
      const places = ['0-999999', '20000000-20999999', `${SIZE - 300_000}-`, '700000-800000']
      const parts: Answer[] = []
      for (const place of places) parts.push(await play(server, LONG, place))
      return { whole, parts }
    })
    expectWithin(peak, LIMIT)
    expect(peak.sizes).toBeGreaterThan(LIMIT / 4)
    expect([outcome.whole.status, sha256(outcome.whole.body)]).toEqual([200, sha256(film)])
    const [first, middle, tail, back] = outcome.parts
    expect(outcome.parts.map((part) => part.status)).toEqual([206, 206, 206, 206])
    expect(first?.body.equals(film.subarray(0, 1_000_000))).toBe(true)
    expect(middle?.body.equals(film.subarray(20_000_000, 21_000_000))).toBe(true)
    expect(tail?.body.equals(film.subarray(SIZE - 300_000))).toBe(true)
    expect(back?.body.equals(film.subarray(700_000, 800_001))).toBe(true)
    const { headers } = outcome.whole
    expect([headers['accept-ranges'], headers.etag]).toEqual(['bytes', back?.headers.etag])
    await expectNothingLeft(server)
  })

  test('three viewers at three places at once: equal bytes, one download, within the limit', async () => {
    const { server } = stage
    const starts = [0, 13_000_001, 31_000_003]
    const { outcome, peak } = await withDiskPeak(server.cacheDir, () =>
      withWatch([`${server.base}/health`], () =>
        Promise.all(starts.map((start) => play(server, LONG, `${start}-`))),
      ),
    )
    expect(outcome.wrong).toEqual([])
    expectWithin(peak, LIMIT)
    outcome.outcome.forEach((answer, i) => {
      expect([answer.status, answer.complete]).toEqual([206, true])
      expect(sha256(answer.body)).toBe(sha256(film.subarray(starts[i])))
    })
  })

  test('a slow viewer and one who jumps about do not harm each other', async () => {
    const { server } = stage
    const slow = await begin(server.base + playMovie(LONG))
    const begun = await slow.read(256 * KiB)
    for (let at = 1_000_000; at < SIZE; at += 5_500_000) {
      const part = await play(server, LONG, `${at}-${at + 99_999}`)
      expect(part.body.equals(film.subarray(at, at + 100_000))).toBe(true)
    }
    const rest = await slow.rest()
    expect(sha256(Buffer.concat([begun, rest.body]))).toBe(sha256(film))
    await expectNothingLeft(server)
  })

  test('a piece larger than the limit: 507 with its sentence, and nothing begins', async () => {
    const server = await stage.another({ CACHE_MAX_DISK_MB: '1' })
    const refused = await play(server, COARSE)
    expect([refused.status, errorCode(refused.body)]).toEqual([507, 'DOES_NOT_FIT'])
    expect(refused.body.toString()).toContain(faults.DOES_NOT_FIT[1])
    expect(await stage.seeder.uploaded(stage.torrents.coarse.infoHash)).toBe(0)
    expect((await settled(server.base)).disk.reservedBytes).toBe(0)
  })

  test('the one slot there is room for is in use: 507 for the next, until it is free', async () => {
    const server = await stage.another({ CACHE_MAX_DISK_MB: '2' })
    const coarse = stage.torrents.coarse.content
    const holder = await begin(server.base + playMovie(COARSE))
    const begun = await holder.read(64 * KiB)
    const refused = await play(server, COARSE, '12000000-')
    expect([refused.status, errorCode(refused.body)]).toEqual([507, 'DOES_NOT_FIT'])
    expect(refused.body.toString()).toContain(faults.DOES_NOT_FIT[1])
    const { outcome, peak } = await withDiskPeak(server.cacheDir, () => holder.rest())
    expectWithin(peak, 2_000_000)
    expect(sha256(Buffer.concat([begun, outcome.body]))).toBe(sha256(coarse))
    const next = await play(server, COARSE, '12000000-')
    expect(sha256(next.body)).toBe(sha256(coarse.subarray(12_000_000)))
    await expectNothingLeft(server)
  })

  test('no room only because another film is read: through slots, and kept the next time', async () => {
    const server = await stage.another({ CACHE_MAX_DISK_MB: '30' })
    const beside = stage.torrents.beside.content
    const whole = await play(server, KEPT)
    expect(sha256(whole.body)).toBe(sha256(stage.torrents.kept.content))
    await published(server.base, KEPT)
    const reader = await begin(server.base + playMovie(KEPT))
    await reader.read(64 * KiB)
    const { outcome, peak } = await withDiskPeak(server.cacheDir, () => play(server, BESIDE))
    expectWithin(peak, 30_000_000)
    expect(sha256(outcome.body)).toBe(sha256(beside))
    // Nothing of it was kept: only the one that is read counts as a file.
    expect((await cacheStats(server.base)).files.count).toBe(1)
    reader.leave()
    await settled(server.base)
    expect(sha256((await play(server, BESIDE)).body)).toBe(sha256(beside))
    await published(server.base, BESIDE)
  })
})
