import { afterEach, describe, expect, jest, test } from '@jest/globals'
import { titleId } from '../../../common/title.ts'
import type { NumberedSource } from '../../../sources/source.ts'
import { failureOf, pass, passUntil, stopTime } from '../../support/virtual-time.ts'
import { type Bench, createBench, eventually, film, magnetOf, movie, sourceOf } from '../fakes.ts'

const [one, two, three] = [film('one'), film('two'), film('three')]
const keyed = (source: NumberedSource, letter: string): NumberedSource => ({
  ...source,
  key: letter.repeat(10),
})
const sources = [one, two, three].map((torrent, i) =>
  keyed({ ...sourceOf(magnetOf(torrent), i), seeders: 1000 - 400 * i }, 'abc'[i] ?? 'z'),
)
const stay = new AbortController().signal
const open = (timing: { playTimeoutMs?: number } = {}): Bench =>
  createBench({ torrents: [one, two, three], sources, hedgeDelayMs: 30, ...timing })
const opened = (bench: Bench, hash: string) =>
  bench.engine.opened.find(({ spec, closed }) => spec.infoHash === hash && !closed)
const stored = (bench: Bench) => bench.index.entries.get(`auto:${titleId(movie)}`)?.value

describe('auto', () => {
  afterEach(() => void jest.useRealTimers())

  test('the best that has its first byte; nothing stays pinned', async () => {
    const bench = open()
    const chosen = bench.player.auto.choose({ title: movie, signal: stay })
    await eventually('the best is open', () => opened(bench, one.infoHash) !== undefined)
    opened(bench, one.infoHash)?.deliver(1)
    expect((await chosen).number).toBe(0)
    expect(stored(bench)).toEqual({ choices: [['', sources[0]?.key]] })
    await eventually('all given back', bench.isIdle)
  })

  test('beside a source without a byte the next is tried; the loser is ended, the winner remembered', async () => {
    const bench = open()
    const chosen = bench.player.auto.choose({ title: movie, signal: stay })
    await eventually('the second is open', () => opened(bench, two.infoHash) !== undefined)
    expect(opened(bench, one.infoHash)).toBeDefined()
    opened(bench, two.infoHash)?.deliver(1)
    expect((await chosen).number).toBe(1)
    await eventually('all given back', bench.isIdle)
    expect((await bench.player.auto.guess({ title: movie, signal: stay })).number).toBe(1)

    // The next time it is asked alone, whatever the list's order.
    const again = bench.player.auto.choose({ title: movie, signal: stay })
    await eventually('the second again', () => opened(bench, two.infoHash) !== undefined)
    opened(bench, two.infoHash)?.deliver(1)
    expect((await again).number).toBe(1)
    await eventually('all given back', bench.isIdle)
  })

  test('goes by a viewer’s preferences, and remembers their choice apart', async () => {
    const bench = open()
    const preferences = { name: 'v1~s.x', order: <T>(listed: readonly T[]) => listed.toReversed() }
    const chosen = bench.player.auto.choose({ title: movie, signal: stay, preferences })
    await eventually('the last is open', () => opened(bench, three.infoHash) !== undefined)
    opened(bench, three.infoHash)?.deliver(1)
    expect((await chosen).number).toBe(2)
    expect(
      (await bench.player.auto.guess({ title: movie, signal: stay, preferences })).number,
    ).toBe(2)
    const whose = expect.stringMatching(/^.{12}$/)
    expect(stored(bench)).toEqual({ choices: [[whose, sources[2]?.key]] })
    await eventually('all given back', bench.isIdle)
  })

  test('HEAD is the best, and starts nothing', async () => {
    const bench = open()
    expect((await bench.player.auto.guess({ title: movie, signal: stay })).number).toBe(0)
    expect([bench.engine.described, bench.engine.opened]).toEqual([[], []])
  })

  test('no byte from any: a fault by the deadline, and nothing stays', async () => {
    stopTime()
    const bench = open({ playTimeoutMs: 250 })
    const chosen = bench.player.auto.choose({ title: movie, signal: stay })
    for (const count of [1, 2, 3]) {
      await eventually('one more', () => bench.engine.opened.length === count)
      await pass(30)
    }
    expect(await failureOf(chosen)).toMatchObject({ status: 504 })
    expect(bench.engine.opened).toHaveLength(3)
    expect(stored(bench)).toBeUndefined()
    await passUntil('all given back', bench.isIdle)
  })

  test('the viewer leaves: everything ends', async () => {
    const bench = open()
    const gone = new AbortController()
    const chosen = bench.player.auto.choose({ title: movie, signal: gone.signal })
    await eventually('the best is open', () => opened(bench, one.infoHash) !== undefined)
    gone.abort(new Error('gone'))
    await expect(chosen).rejects.toThrow('gone')
    await eventually('all given back', bench.isIdle)
  })

  test('nothing to choose from: 404', async () => {
    const bench = createBench({ torrents: [], sources: [] })
    const none = { code: 'UNKNOWN_TITLE' }
    await expect(bench.player.auto.choose({ title: movie, signal: stay })).rejects.toMatchObject(
      none,
    )
    await expect(bench.player.auto.guess({ title: movie, signal: stay })).rejects.toMatchObject(
      none,
    )
  })

  test('nothing to choose from because our own limits held the questions back: 503', async () => {
    const bench = createBench({ torrents: [], sources: [] })
    bench.sourceLists.list = async () => ({ sources: [], failed: ['net'], deferred: true })
    const chosen = bench.player.auto.choose({ title: movie, signal: stay })
    await expect(chosen).rejects.toMatchObject({ code: 'PROVIDERS_FAILED' })
  })
})
