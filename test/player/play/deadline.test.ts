import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals'
import { failureOf, pass, passUntil, stopTime } from '../../support/virtual-time.ts'
import { type Bench, createBench, drain, eventually, film, sourceOf } from '../fakes.ts'

const one = film('one')
const hold = () => new Promise<void>(() => {})

beforeEach(stopTime)
afterEach(() => void jest.useRealTimers())

/** Nothing is given back before its keep is over. */
const givenBack = (bench: Bench): Promise<void> => passUntil('all given back', bench.isIdle)

describe('the deadline of a play', () => {
  test('no metadata: 504 NO_PEERS, and the look-up ends', async () => {
    const bench = createBench({ torrents: [one], playTimeoutMs: 40 })
    bench.engine.dead.add(one.infoHash)
    let over = false
    const first = bench.play().playable.finally(() => {
      over = true
    })
    first.catch(() => {})
    await eventually('asked', () => bench.engine.described.length === 1)
    await pass(39)
    expect(over).toBe(false)
    await pass(1)
    await expect(first).rejects.toMatchObject({ code: 'NO_PEERS', status: 504 })
    // Ended: the next play asks again, and is not answered by the old look-up.
    await pass(40)
    expect(await failureOf(bench.play().playable)).toMatchObject({ code: 'NO_PEERS' })
    expect(bench.engine.described).toHaveLength(2)
    await bench.player.close()
    expect(bench.isIdle()).toBe(true)
  })

  test('viewers of one look-up have deadlines of their own', async () => {
    const bench = createBench({ torrents: [one], playTimeoutMs: 80, lingerMs: 1_000 })
    const metadata = Promise.withResolvers<void>()
    bench.engine.gate.describe = metadata.promise
    const early = bench.play().playable
    await pass(60)
    const late = bench.play().playable
    await pass(20)
    await expect(early).rejects.toMatchObject({ code: 'NO_PEERS' })
    metadata.resolve()
    const play = await late
    expect(bench.engine.described).toHaveLength(1)
    play.release()
    await bench.player.close()
  })

  test('an engine that does not open: NO_FIRST_BYTE', async () => {
    const bench = createBench({ torrents: [one], playTimeoutMs: 40 })
    bench.engine.gate.open = hold()
    const { playable } = bench.play()
    await eventually('the partial', () => bench.store.partials === 1)
    expect(await failureOf(playable)).toMatchObject({ code: 'NO_FIRST_BYTE' })
    await givenBack(bench)
  })

  test('no first byte: the reader says so, so that the door can still answer 504', async () => {
    const bench = createBench({ torrents: [one], playTimeoutMs: 60 })
    const play = await bench.play().playable
    expect(await failureOf(drain(play))).toMatchObject({ code: 'NO_FIRST_BYTE', status: 504 })
    play.release()
    await givenBack(bench)
    expect(bench.engine.opened[0]?.openReaders).toBe(0)
  })

  test('a stall in mid-body: STALLED, also when a read is tried again', async () => {
    const bench = createBench({ torrents: [one], stallMs: 40 })
    const play = await bench.play().playable
    bench.engine.opened[0]?.deliver(2)
    const reader = play.read({ start: 0, end: play.size - 1 })
    const buffer = Buffer.alloc(64 * 1024)
    expect(await reader.read(buffer)).toBeGreaterThan(0)
    const stalled = (async () => {
      for (;;) await reader.read(buffer)
    })()
    expect(await failureOf(stalled)).toMatchObject({ code: 'STALLED' })
    bench.engine.opened[0]?.finish()
    await expect(reader.read(buffer)).rejects.toMatchObject({ code: 'STALLED' })
    reader.close()
    play.release()
    await givenBack(bench)
  })

  test('providers that do not answer', async () => {
    const bench = createBench({ torrents: [one], playTimeoutMs: 30 })
    bench.sourceLists.gate = hold()
    expect(await failureOf(bench.play().playable)).toMatchObject({ code: 'PROVIDERS_FAILED' })
    expect(bench.sourceLists.signals[0]?.aborted).toBe(true)
  })

  test('a .torrent address that does not answer: 502', async () => {
    const source = sourceOf({ kind: 'torrent', from: 'https://silent.example/x.torrent' })
    const bench = createBench({ sources: [source], playTimeoutMs: 30 })
    expect(await failureOf(bench.play().playable)).toMatchObject({ code: 'UPSTREAM_FAILED' })
    await bench.player.close()
  })

  test('a link that leads to a magnet which nobody answers for: 504, as any dead magnet', async () => {
    const from = 'https://indexer.example/dl/1'
    const answers = { [from]: Buffer.from(`magnet:?xt=urn:btih:${one.infoHash}`) }
    const source = sourceOf({ kind: 'torrent', from })
    const bench = createBench({ torrents: [one], sources: [source], answers, playTimeoutMs: 80 })
    bench.engine.dead.add(one.infoHash)
    expect(await failureOf(bench.play().playable)).toMatchObject({ code: 'NO_PEERS', status: 504 })
    await bench.player.close()
  })

  test('four ask peers at once, sixteen wait, the next is refused; who waits too long hears so', async () => {
    const torrents = Array.from({ length: 21 }, (_, i) => film(`dead${i}`, 20_000))
    const bench = createBench({ torrents, playTimeoutMs: 150, lingerMs: 1_000 })
    for (const torrent of torrents) bench.engine.dead.add(torrent.infoHash)
    const plays = torrents.slice(0, 20).map((_, i) => bench.play(i).playable)
    await eventually('sixteen wait', () => bench.player.status.stats.arrivals.waiting === 16)
    expect(bench.engine.described).toHaveLength(4)
    const refused = { code: 'TOO_MANY_ARRIVALS', details: { retryAfterSeconds: 10 } }
    await expect(bench.play(20).playable).rejects.toMatchObject(refused)
    await pass(50)
    // Watched beyond the deadline of those who wait, so none of the four gives way to them.
    for (const number of [0, 1, 2, 3]) bench.play(number)
    await pass(100)
    const codes = await Promise.all(plays.map((play) => play.catch((error) => error.code)))
    expect(codes.slice(0, 4)).toEqual(Array(4).fill('NO_PEERS'))
    expect(codes.slice(4)).toEqual(Array(16).fill('TOO_MANY_ARRIVALS'))
    await bench.player.close()
    expect(bench.isIdle()).toBe(true)
  })
})

describe('a viewer who leaves', () => {
  test('during metadata: the look-up ends after the linger time', async () => {
    const bench = createBench({ torrents: [one], lingerMs: 30 })
    bench.engine.dead.add(one.infoHash)
    const { playable, leave } = bench.play()
    await eventually('asked', () => bench.engine.described.length === 1)
    leave()
    await expect(playable).rejects.toThrow('the viewer has gone')
    // Back within the linger time: the same look-up.
    const again = bench.play()
    await pass(60)
    expect(bench.engine.described).toHaveLength(1)
    again.leave()
    await pass(60)
    bench.play().leave()
    const fresh = bench.play()
    await eventually('asked anew', () => bench.engine.described.length === 2)
    fresh.leave()
    await bench.player.close()
  })

  test('during download: readers end at once, the download after the linger time; the partial stays', async () => {
    const bench = createBench({ torrents: [one], lingerMs: 60 })
    const { playable, leave } = bench.play()
    const play = await playable
    bench.engine.opened[0]?.deliver(4)
    const body = drain(play)
    body.catch(() => {})
    leave()
    await expect(body).rejects.toThrow()
    expect(bench.player.status.stats.active).toBe(0)
    expect(bench.engine.opened[0]).toMatchObject({ closed: false, openReaders: 0 })
    await givenBack(bench)
    const next = await bench.play().playable
    expect(bench.engine.opened[1]?.place.have.count).toBe(4)
    next.release()
    await givenBack(bench)
  })

  test('back within the linger time: the same download', async () => {
    const bench = createBench({ torrents: [one], lingerMs: 60 })
    ;(await bench.play().playable).release()
    const play = await bench.play().playable
    await pass(120)
    expect(bench.engine.opened).toHaveLength(1)
    expect(bench.engine.opened[0]?.closed).toBe(false)
    play.release()
    await givenBack(bench)
  })

  test.each(['pin', 'open'] as const)('while the store works (%s): nothing stays', async (step) => {
    const bench = createBench({ torrents: [one] })
    if (step === 'pin') {
      const play = await bench.play().playable
      bench.engine.opened[0]?.finish()
      await eventually('published', () => bench.player.status.stats.arrivals.running === 1)
      play.release()
      await givenBack(bench)
    }
    const slow = Promise.withResolvers<void>()
    bench.store.gate = slow.promise
    const { playable, leave } = bench.play()
    await eventually('it works', () => bench.store.pins + bench.store.partials === 1)
    leave()
    slow.resolve()
    await expect(playable).rejects.toThrow('the viewer has gone')
    await givenBack(bench)
  })

  test('before the play began', async () => {
    const bench = createBench({ torrents: [one] })
    const { playable, leave } = bench.play()
    leave()
    await expect(playable).rejects.toThrow('the viewer has gone')
    await givenBack(bench)
    expect(bench.engine.opened).toHaveLength(0)
  })
})
