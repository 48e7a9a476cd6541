import { afterEach, expect, test } from '@jest/globals'
import { parseBlocklist } from '../../../common/blocklist.ts'
import { systemClock } from '../../../common/clock.ts'
import { lookInto } from '../../../player/prefetch/wish-source.ts'
import { buildTorrent } from '../../support/swarm/torrent.ts'
import { type Bench, type BenchOptions, createBench } from '../fakes.ts'

let bench: Bench
afterEach(async () => {
  await bench.player.close()
  expect(bench.isIdle()).toBe(true)
})

const open = (options: BenchOptions): Bench => {
  bench = createBench({ sources: [], ...options })
  return bench
}
const { signal } = new AbortController()
const magnetTo = (infoHash: string) => ({ infoHash, name: 'Told', trackers: [], webSeeds: [] })

test('a torrent tells its name and its videos in their order, and nothing of it is fetched', async () => {
  const files = { 'a.txt': 90_000, 'b.mp4': 40_000, 'in/c.mkv': 60_000 }
  const pack = buildTorrent({ name: 'pack', files })
  open({ torrents: [pack] })
  expect(await bench.player.lookInto(magnetTo(pack.infoHash), signal)).toEqual({
    name: 'pack',
    videos: [
      { fileIdx: 1, name: 'b.mp4', size: 40_000 },
      { fileIdx: 2, name: 'c.mkv', size: 60_000 },
    ],
  })
  expect(bench.engine.opened).toEqual([])
})

test('of more than thirty videos the largest are told', async () => {
  const sizes = Array.from({ length: 33 }, (_, n) => [`${n + 10}.mkv`, 20_000 + ((n * 7) % 33)])
  const pack = buildTorrent({ name: 'pack', files: Object.fromEntries(sizes) })
  open({ torrents: [pack] })
  const { videos } = await bench.player.lookInto(magnetTo(pack.infoHash), signal)
  expect(videos).toHaveLength(30)
  expect(Math.min(...videos.map(({ size }) => size))).toBe(20_003)
  expect(videos.map(({ fileIdx }) => fileIdx)).toEqual(
    videos.map(({ fileIdx }) => fileIdx).toSorted((a, b) => a - b),
  )
})

test('one without a video has none', async () => {
  const texts = buildTorrent({ name: 'texts', files: { 'a.txt': 9_000, 'b.srt': 500 } })
  open({ torrents: [texts] })
  expect(await bench.player.lookInto(magnetTo(texts.infoHash), signal)).toMatchObject({
    videos: [],
  })
})

test('one that nobody has is given up like a play of it, or when the operator leaves', async () => {
  open({ torrents: [], playTimeoutMs: 30 })
  const look = bench.player.lookInto(magnetTo('ab'.repeat(20)), signal)
  await expect(look).rejects.toMatchObject({ code: 'NO_PEERS' })
  const leaving = AbortSignal.abort(new Error('gone'))
  await expect(bench.player.lookInto(magnetTo('ab'.repeat(20)), leaving)).rejects.toThrow('gone')
})

test('a blocked one is not asked for', async () => {
  open({ torrents: [] })
  const blocked = 'cd'.repeat(20)
  const parts = {
    metadata: { find: () => Promise.reject(new Error('asked')) },
    blocklist: parseBlocklist(blocked).list,
    clock: systemClock,
    timeoutMs: 1000,
  }
  await expect(lookInto(parts, magnetTo(blocked), signal)).rejects.toMatchObject({
    code: 'SOURCE_GONE',
  })
})
