import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test } from '@jest/globals'
import { Fault } from '../../../common/errors.ts'
import { createBench, drain, eventually, film } from '../fakes.ts'

const one = film('one')
const two = film('two')

describe('every step that fails gives back what was taken before', () => {
  test.each(['pin', 'open'] as const)('store.%s', async (step) => {
    const bench = createBench({ torrents: [one] })
    bench.store.fail = step
    await expect(bench.play().playable).rejects.toThrow('told to fail')
    await eventually('all given back', bench.isIdle)
    bench.store.fail = undefined
    ;(await bench.play().playable).release()
    await eventually('all given back', bench.isIdle)
  })

  test.each(['readMetainfo', 'writeMetainfo'] as const)('store.%s costs nothing', async (step) => {
    const bench = createBench({ torrents: [one] })
    bench.store.fail = step
    const play = await bench.play().playable
    bench.engine.opened[0]?.finish()
    expect((await drain(play)).equals(one.content)).toBe(true)
    play.release()
    await eventually('all given back', bench.isIdle)
  })

  test('bytes do not wait until the metainfo is kept; the end of the download does', async () => {
    const bench = createBench({ torrents: [one] })
    const written = Promise.withResolvers<void>()
    bench.store.writeMetainfo = () => written.promise
    const play = await bench.play().playable
    bench.engine.opened[0]?.finish()
    expect((await drain(play)).equals(one.content)).toBe(true)
    play.release()
    await eventually('the engine is done', () => bench.engine.opened[0]?.closed === true)
    expect(bench.isIdle()).toBe(false)
    written.resolve()
    await eventually('all given back', bench.isIdle)
  })

  test('no room: 507, nothing opened', async () => {
    const bench = createBench({ torrents: [one] })
    bench.janitor.max = 1000
    await expect(bench.play().playable).rejects.toMatchObject({ code: 'DOES_NOT_FIT', status: 507 })
    await eventually('all given back', bench.isIdle)
    expect([bench.store.opened.length, bench.engine.opened.length]).toEqual([0, 0])
    bench.janitor.max = 10 ** 9
    // The metadata was kept in memory: no peer is asked twice.
    ;(await bench.play().playable).release()
    expect(bench.engine.described).toHaveLength(1)
    await eventually('all given back', bench.isIdle)
  })

  test.each(['HOSTILE_TORRENT', 'ENGINE_DIED', 'NO_PEERS'] as const)('engine: %s', async (code) => {
    const bench = createBench({ torrents: [one] })
    bench.engine.fail.describe = new Fault(code)
    await expect(bench.play().playable).rejects.toMatchObject({ code })
    await eventually('all given back', bench.isIdle)
    bench.engine.fail = { open: new Fault(code) }
    await expect(bench.play().playable).rejects.toMatchObject({ code })
    await eventually('all given back', bench.isIdle)
    bench.engine.fail = {}
    ;(await bench.play().playable).release()
    await eventually('all given back', bench.isIdle)
  })

  test('a partial that does not close keeps nobody else', async () => {
    const bench = createBench({ torrents: [one] })
    bench.store.fail = 'close'
    ;(await bench.play().playable).release()
    await eventually('all given back', bench.isIdle)
  })

  test('an index that is down costs the memory, not the play', async () => {
    const bench = createBench({ torrents: [one] })
    bench.index.down = true
    const play = await bench.play().playable
    expect(play.from).toBe('swarm')
    play.release()
    await eventually('all given back', bench.isIdle)
  })
})

describe('the end of a download', () => {
  test('the engine dies: running bodies are cut, the partial stays, the next play begins anew', async () => {
    const bench = createBench({ torrents: [one] })
    const play = await bench.play().playable
    const body = drain(play)
    body.catch(() => {})
    bench.engine.opened[0]?.deliver(3)
    await eventually('three pieces', () => bench.engine.opened[0]?.have.count === 3)
    bench.engine.opened[0]?.die()
    await expect(body).rejects.toMatchObject({ code: 'ENGINE_DIED' })
    // The dead play has not been released yet: it must not make the next one wait.
    const next = await bench.play().playable
    expect(bench.engine.opened[0]?.closed).toBe(true)
    expect(bench.engine.opened[1]?.place.have.count).toBe(3)
    bench.engine.opened[1]?.finish()
    expect((await drain(next)).equals(one.content)).toBe(true)
    play.release()
    next.release()
    await eventually('all given back', bench.isIdle)
  })

  test('published while people read: all go on, new ones read from disk', async () => {
    const bench = createBench({ torrents: [one] })
    const play = await bench.play().playable
    bench.engine.opened[0]?.deliver(1)
    const reader = play.read({ start: 0, end: play.size - 1 })
    const buffer = Buffer.alloc(10_000)
    const parts = [Buffer.from(buffer.subarray(0, await reader.read(buffer)))]
    bench.engine.opened[0]?.finish()
    await eventually('on disk', () => bench.store.pins === 1)
    const late = await bench.play().playable
    expect(late.from).toBe('disk')
    // The engine may die now, and a torn-down download hurts nobody.
    bench.engine.opened[0]?.die()
    await bench.engine.opened[0]?.close()
    for (let n = await reader.read(buffer); n > 0; n = await reader.read(buffer)) {
      parts.push(Buffer.from(buffer.subarray(0, n)))
    }
    expect(Buffer.concat(parts).equals(one.content)).toBe(true)
    expect((await drain(late)).equals(one.content)).toBe(true)
    late.release()
    play.release()
    await eventually('all given back', bench.isIdle)
  })

  test('published after its last viewer left: who came meanwhile is served from disk', async () => {
    const bench = createBench({ torrents: [one], lingerMs: 5 })
    const { playable, leave } = bench.play()
    await playable
    const slow = Promise.withResolvers<void>()
    bench.store.gate = slow.promise
    bench.engine.opened[0]?.finish()
    leave()
    await sleep(30)
    const next = bench.play().playable
    await sleep(10)
    slow.resolve()
    const play = await next
    expect([play.from, bench.engine.opened.length]).toEqual(['disk', 1])
    expect((await drain(play)).equals(one.content)).toBe(true)
    play.release()
    await eventually('all given back', bench.isIdle)
  })

  test('what cannot be published still plays, and is published the next time', async () => {
    const bench = createBench({ torrents: [one] })
    bench.store.fail = 'publish'
    const play = await bench.play().playable
    bench.engine.opened[0]?.finish()
    expect((await drain(play)).equals(one.content)).toBe(true)
    play.release()
    await eventually('all given back', bench.isIdle)
    bench.store.fail = undefined
    const again = await bench.play().playable
    bench.engine.opened[1]?.finish()
    await eventually('on disk', () => bench.store.pins === 1)
    again.release()
    await eventually('all given back', bench.isIdle)
    expect((await bench.play().playable).from).toBe('disk')
  })

  test('pieces that turn out missing are not counted', async () => {
    const bench = createBench({ torrents: [one] })
    const play = await bench.play().playable
    bench.engine.opened[0]?.deliver(3)
    await eventually('three pieces', () => bench.engine.opened[0]?.have.count === 3)
    bench.engine.opened[0]?.lose(1)
    expect(bench.store.opened[0]?.record.pieces.count).toBe(2)
    play.release()
    await eventually('all given back', bench.isIdle)
    bench.engine.opened[0]?.lose(0)
    expect(bench.store.opened[0]?.record.pieces.count).toBe(2)
  })
})

describe('at most so many downloads', () => {
  test('one that nobody watches gives way at once', async () => {
    const bench = createBench({ torrents: [one, two], maxDownloads: 1, lingerMs: 60_000 })
    ;(await bench.play(0).playable).release()
    const second = await bench.play(1).playable
    expect(bench.engine.opened[0]?.closed).toBe(true)
    expect(bench.player.status.stats.arrivals).toMatchObject({ running: 1, waiting: 0, max: 1 })
    second.release()
    await bench.player.close()
    expect(bench.isIdle()).toBe(true)
  })

  test('one that nobody watches gives its room to who does not fit', async () => {
    const bench = createBench({ torrents: [one, two], lingerMs: 60_000 })
    bench.janitor.max = one.content.length + 1000
    const first = await bench.play(0).playable
    bench.engine.opened[0]?.deliver(1)
    await eventually('its room', () => bench.janitor.reserved > 1000)
    first.release()
    const second = await bench.play(1).playable
    expect(bench.engine.opened[0]?.closed).toBe(true)
    second.release()
    await bench.player.close()
    expect(bench.isIdle()).toBe(true)
  })

  test('one that is watched does not; who waits is served when it ends', async () => {
    const bench = createBench({ torrents: [one, two], maxDownloads: 1, lingerMs: 60_000 })
    const first = await bench.play(0).playable
    const second = bench.play(1).playable
    await eventually('it waits', () => bench.player.status.stats.arrivals.waiting === 1)
    expect(bench.engine.opened).toHaveLength(1)
    first.release()
    ;(await second).release()
    expect(bench.engine.opened).toHaveLength(2)
    await bench.player.close()
    expect(bench.isIdle()).toBe(true)
  })

  test('who leaves the queue leaves it at once', async () => {
    const bench = createBench({ torrents: [one, two], maxDownloads: 1, lingerMs: 60_000 })
    const first = await bench.play(0).playable
    const { leave } = bench.play(1)
    await eventually('it waits', () => bench.player.status.stats.arrivals.waiting === 1)
    leave()
    await eventually('it has left', () => bench.player.status.stats.arrivals.waiting === 0)
    first.release()
    await bench.player.close()
  })

  test('a published one gives way while it is read, and the reader does not notice', async () => {
    const bench = createBench({ torrents: [one, two], maxDownloads: 1 })
    const first = await bench.play(0).playable
    const reader = first.read({ start: 0, end: first.size - 1 })
    const buffer = Buffer.alloc(one.content.length)
    const reading = reader.read(buffer)
    bench.engine.opened[0]?.finish()
    await eventually('on disk', () => bench.store.pins === 1)
    const second = await bench.play(1).playable
    expect(bench.engine.opened[0]?.closed).toBe(true)
    let at = await reading
    while (at < first.size) at += await reader.read(buffer.subarray(at))
    expect(buffer.equals(one.content)).toBe(true)
    expect(bench.store.pins).toBe(1)
    first.release()
    await eventually('its hold is given back', () => bench.store.pins === 0)
    second.release()
    await eventually('all given back', bench.isIdle)
  })
})
