import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test } from '@jest/globals'
import type { Title } from '../../../common/title.ts'
import { headAndTail } from '../../../player/downloads/head-tail-download.ts'
import type { Locator } from '../../../sources/source.ts'
import { type Bench, createBench, eventually, film, magnetOf, sourceOf } from '../fakes.ts'

const [one, two] = [film('one'), film('two')]
const first: Title = { type: 'series', imdbId: 'tt0903747', season: 1, episode: 1 }
const second: Title = { ...first, episode: 2 }
const key = undefined

/** The sources of the fake source list are those of every title: the second stands for the next episode. */
function open(
  options: { maxDownloads?: number; locator?: Locator; prewarm?: boolean } = {},
): Bench {
  const { locator = magnetOf(two), ...rest } = options
  const bench = createBench({ torrents: [one, two], ...rest })
  bench.sourceLists.sources = [sourceOf(locator, 0)]
  return bench
}

function openNext(bench: Bench): void {
  bench.player.prefetch.playStarted('a', { title: first, number: 0, sourceKey: key })
  bench.player.prefetch.listRequested('a', second)
}
const opened = (bench: Bench, hash = two.infoHash) =>
  bench.engine.opened.find(({ spec, closed }) => spec.infoHash === hash && !closed)

describe('head and tail of the next episode', () => {
  test('head and tail, or all of a small file', () => {
    expect(headAndTail(100)).toEqual([{ start: 0, end: 99 }])
    const [head, tail] = headAndTail(10 ** 9)
    expect(head).toEqual({ start: 0, end: 4 * 1024 * 1024 - 1 })
    expect(tail).toEqual({ start: 10 ** 9 - 512 * 1024, end: 10 ** 9 - 1 })
  })

  test('are written to a partial, nothing else is fetched, and all is given back', async () => {
    const bench = open()
    openNext(bench)
    await eventually('it is open', () => opened(bench) !== undefined)
    expect(opened(bench)?.place.fill).toBe('window')
    expect(bench.player.status.downloads()).toEqual([])
    await eventually('it reads', () => opened(bench)?.openReaders === 1)
    opened(bench)?.finish()
    await eventually('all given back', bench.isIdle)
  })

  test('give the only permit to a play that wants it', async () => {
    const bench = open({ maxDownloads: 1 })
    openNext(bench)
    await eventually('it is open', () => opened(bench) !== undefined)
    bench.sourceLists.sources = [sourceOf(magnetOf(one), 0)]
    const playing = bench.play()
    await playing.playable
    expect([opened(bench), opened(bench, one.infoHash)?.closed]).toEqual([undefined, false])
    playing.leave()
    await eventually('all given back', bench.isIdle)
  })

  test('end for a play of the same file, which goes on from the partial', async () => {
    const bench = open()
    openNext(bench)
    await eventually('it is open', () => opened(bench) !== undefined)
    const ends = opened(bench)
    ends?.deliver(2)
    const playing = bench.play()
    await playing.playable
    expect([ends?.closed, opened(bench)?.place.fill]).toEqual([true, 'whole'])
    expect(opened(bench)?.have.has(1)).toBe(true)
    playing.leave()
    await eventually('all given back', bench.isIdle)
  })

  test('are not fetched without a free permit, nor without free room', async () => {
    const bench = open({ maxDownloads: 1 })
    bench.sourceLists.sources = [sourceOf(magnetOf(one), 0)]
    const playing = bench.play()
    await playing.playable
    bench.sourceLists.sources = [sourceOf(magnetOf(two), 0)]
    openNext(bench)
    await eventually('it was described', () => bench.engine.described.length === 2)
    await eventually('nobody waits', () => bench.player.status.stats.arrivals.waiting === 0)
    expect(opened(bench)).toBeUndefined()
    playing.leave()
    await bench.player.close()

    const full = open()
    full.janitor.max = 0
    openNext(full)
    await eventually('it was described', () => full.engine.described.length === 1)
    await eventually('all given back', full.isIdle)
    expect(full.engine.opened).toEqual([])
    await full.player.close()
  })

  test.each<Locator>([
    { kind: 'url', url: 'https://good.example/a.mp4' },
    { kind: 'path', path: '/films/a.mp4' },
  ])('are not fetched of a $kind', async (locator) => {
    const bench = open({ locator })
    const { recall } = bench.sourceLists
    let asked = 0
    bench.sourceLists.recall = (title) => {
      asked++
      return recall(title)
    }
    openNext(bench)
    await eventually('both episodes were looked up', () => asked === 2)
    await sleep(10)
    await bench.player.close()
    expect([bench.engine.described, bench.outbound.asked]).toEqual([[], []])
  })
})

describe('PREWARM', () => {
  const lists = (bench: Bench): void => {
    for (let i = 1; i < 6; i++)
      bench.player.prefetch.listRequested('a', { ...first, episode: i * 10 })
  }

  test('1: metadata of the first source, no bytes, two at once at most', async () => {
    const bench = open({ prewarm: true })
    bench.engine.dead.add(two.infoHash)
    bench.sourceLists.recall = async (title) => {
      const number = title.type === 'series' ? title.episode : 0
      const torrent = film(`own ${number}`)
      bench.engine.dead.add(torrent.infoHash)
      return { sources: [sourceOf(magnetOf(torrent), 0)], failed: [] }
    }
    lists(bench)
    await eventually('swarms asked', () => bench.engine.described.length === 2)
    lists(bench)
    await bench.player.close()
    expect(bench.engine.described).toHaveLength(2)
    expect(bench.engine.opened).toEqual([])
  })

  test('0: a list starts nothing', async () => {
    const bench = open()
    lists(bench)
    await sleep(10)
    await bench.player.close()
    expect(bench.engine.described).toEqual([])
  })
})
