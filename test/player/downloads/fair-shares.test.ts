import { describe, expect, test } from '@jest/globals'
import { Fault } from '../../../common/errors.ts'
import type { Asker } from '../../../player/jobs/viewer.ts'
import { askerAt, type Bench, createBench, drain, eventually, film, PIECE } from '../fakes.ts'

const films = Array.from({ length: 24 }, (_, i) => film(`film ${i}`))
const [A, B, C] = [askerAt('192.0.2.1'), askerAt('192.0.2.2'), askerAt('192.0.2.3')] as const

/** Plays that come to nothing; `codes` fills with why. */
function playAll(bench: Bench, numbers: readonly number[], asker: Asker) {
  const codes: string[] = []
  const plays = numbers.map((number) => bench.play(number, asker))
  for (const { playable } of plays) playable.catch((error) => codes.push(error.code))
  return { codes, leave: () => plays.map((play) => play.leave()) }
}
const numbers = (from: number, count: number): number[] =>
  Array.from({ length: count }, (_, i) => from + i)

describe('places are shared between addresses', () => {
  test.each([
    ['as many dead magnets as are looked up at once', 4],
    ['as many as are looked up and may wait', 12],
    ['more', 20],
  ])('%s, again and again: others play', async (_, count) => {
    const bench = createBench({ torrents: films, reclaimAfterMs: 0 })
    for (const { infoHash } of films.slice(0, 20)) bench.engine.dead.add(infoHash)
    for (let round = 0; round < 3; round++) {
      const greedy = playAll(bench, numbers(0, count), A)
      await eventually('they run', () => bench.engine.described.length >= 3)
      const { playable } = bench.play(20 + round, B)
      await eventually('it is opened', () => bench.engine.opened.length > round)
      bench.engine.opened[round]?.finish()
      const got = await playable
      expect((await drain(got)).equals(films[20 + round]?.content ?? Buffer.alloc(0))).toBe(true)
      got.release()
      greedy.leave()
      await eventually('all is given back', () => bench.player.status.stats.arrivals.waiting === 0)
    }
    await bench.player.close()
  })

  test('downloads: who has more than half gives one to who has none', async () => {
    const bench = createBench({ torrents: films, maxDownloads: 4, reclaimAfterMs: 0 })
    const greedy = playAll(bench, numbers(0, 4), A)
    await eventually('all places are taken', () => bench.engine.opened.length === 4)
    const others = [bench.play(5, B), bench.play(6, C)]
    await eventually('two others have one', () => bench.engine.opened.length === 6)
    expect(bench.engine.opened.filter(({ closed }) => closed)).toHaveLength(2)
    // Two are left to it: nobody takes more.
    const late = playAll(bench, [7], askerAt('192.0.2.4'))
    await eventually('it waits', () => bench.player.status.stats.arrivals.waiting === 1)
    expect(bench.engine.opened.filter(({ closed }) => closed)).toHaveLength(2)
    for (const one of others) one.leave()
    greedy.leave()
    late.leave()
    await bench.player.close()
  })

  test('a film that is cut for another is no error of ours', async () => {
    const bench = createBench({ torrents: films, maxDownloads: 2, reclaimAfterMs: 0 })
    const plays = [bench.play(0, A), bench.play(1, A)]
    const opened = await Promise.all(plays.map(({ playable }) => playable))
    const reading = opened.map((playable) => drain(playable).catch((error: unknown) => error))
    const other = bench.play(2, B)
    const second = await reading[1]
    expect(second).toBeInstanceOf(Fault)
    expect(second).toMatchObject({ code: 'TOO_MANY_ARRIVALS', status: 503 })
    await eventually('the other has its place', () => bench.engine.opened.length === 3)
    bench.engine.opened[0]?.finish()
    expect(await reading[0]).toBeInstanceOf(Buffer)
    for (const playable of opened) playable.release()
    other.leave()
    await bench.player.close()
  })
})

describe('a viewer that takes nothing', () => {
  const start = async (options: { idleViewerMs: number }) => {
    const bench = createBench({ torrents: films, maxDownloads: 1, ...options })
    const play = bench.play(0, A)
    const playable = await play.playable
    const reader = playable.read({ start: 0, end: playable.size - 1 })
    bench.engine.opened[0]?.deliver(2)
    await reader.read(Buffer.alloc(100))
    return { bench, playable, reader, leave: play.leave }
  }

  test('gives its place to one that waits', async () => {
    const { bench, playable, reader } = await start({ idleViewerMs: 30 })
    const { playable: other } = bench.play(1, B)
    await eventually('the other has its place', () => bench.engine.opened.length === 2)
    expect(bench.engine.opened[0]?.closed).toBe(true)
    bench.engine.opened[1]?.finish()
    const got = await other
    expect((await drain(got)).length).toBe(films[1]?.content.length)
    const rest = async (): Promise<void> => {
      while ((await reader.read(Buffer.alloc(100_000))) > 0);
    }
    await expect(rest()).rejects.toMatchObject({ code: 'TOO_MANY_ARRIVALS' })
    playable.release()
    got.release()
    await bench.player.close()
  })

  test('gives its room to one that does not fit beside it', async () => {
    const bench = createBench({ torrents: films, idleViewerMs: 1 })
    bench.janitor.max = (films[0]?.content.length ?? 0) + 1000
    const playable = await bench.play(0, A).playable
    const reader = playable.read({ start: 0, end: playable.size - 1 })
    bench.engine.opened[0]?.deliver(2)
    await reader.read(Buffer.alloc(100))
    await eventually('its room', () => bench.janitor.reserved > 1000)
    await new Promise((resolve) => setTimeout(resolve, 50))
    const other = await bench.play(1, B).playable
    expect(bench.engine.opened.map(({ closed }) => closed)).toEqual([true, false])
    playable.release()
    other.release()
    await bench.player.close()
    expect(bench.isIdle()).toBe(true)
  })

  test('keeps it while nobody waits, and when it takes something again', async () => {
    const { bench, playable, reader } = await start({ idleViewerMs: 1 })
    await new Promise((resolve) => setTimeout(resolve, 50))
    expect(bench.engine.opened[0]?.closed).toBe(false)
    // In a read it is not idle, however long that takes.
    const reading = (async () => {
      let got = 100
      while (got <= 2 * PIECE) got += await reader.read(Buffer.alloc(100_000))
      return got
    })()
    const waiting = playAll(bench, [1], B)
    await eventually('another waits', () => bench.player.status.stats.arrivals.waiting === 1)
    await new Promise((resolve) => setTimeout(resolve, 50))
    expect(bench.engine.opened[0]?.closed).toBe(false)
    bench.engine.opened[0]?.deliver(1)
    expect(await reading).toBe(3 * PIECE)
    waiting.leave()
    playable.release()
    await bench.player.close()
  })

  test('does not take the place of one that watches the same film', async () => {
    const { bench, playable, leave } = await start({ idleViewerMs: 1 })
    const second = await bench.play(0, C).playable
    const reader = second.read({ start: 0, end: second.size - 1 })
    const reading = (async () => {
      for (let got = 0; got < second.size; ) got += await reader.read(Buffer.alloc(100_000))
    })()
    const waiting = playAll(bench, [1], B)
    await eventually('another waits', () => bench.player.status.stats.arrivals.waiting === 1)
    await new Promise((resolve) => setTimeout(resolve, 50))
    expect(bench.engine.opened[0]?.closed).toBe(false)
    bench.engine.opened[0]?.finish()
    await reading
    waiting.leave()
    leave()
    playable.release()
    second.release()
    await bench.player.close()
  })
})

describe('a cold start counts', () => {
  test('once a play, also for one that joins none; never for what is here', async () => {
    const bench = createBench({ torrents: films })
    const counted: string[] = []
    const asker: Asker = {
      ...askerAt('192.0.2.9'),
      startCold: async () => void counted.push('cold'),
    }
    const first = bench.play(0, asker)
    const playable = await first.playable
    expect(counted).toEqual(['cold'])
    bench.engine.opened[0]?.finish()
    await drain(playable)
    const again = await bench.play(0, asker).playable
    again.release()
    playable.release()
    expect(counted).toEqual(['cold'])
    await bench.player.close()
  })

  test('one that is refused starts nothing', async () => {
    const bench = createBench({ torrents: films })
    const asker: Asker = {
      ...askerAt('192.0.2.9'),
      startCold: () => Promise.reject(new Fault('TOO_MANY_REQUESTS')),
    }
    await expect(bench.play(0, asker).playable).rejects.toMatchObject({ code: 'TOO_MANY_REQUESTS' })
    expect(bench.engine.described).toEqual([])
    await bench.player.close()
  })
})
