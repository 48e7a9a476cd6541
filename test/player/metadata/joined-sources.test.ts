import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import type { Locator } from '../../../sources/source.ts'
import { type Bench, createBench, eventually, film, sourceOf } from '../fakes.ts'

const one = film('one')
const address = 'https://torrents.example/one.torrent'
const live = 'udp://live.example:1/announce'
let folder = ''
let path = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'playlink-joined-'))
  path = join(folder, 'one.torrent')
  await writeFile(path, one.torrent({ announce: live }))
})
afterAll(() => rm(folder, { recursive: true }))

const magnet = (...trackers: string[]): Locator => ({
  kind: 'magnet',
  infoHash: one.infoHash,
  trackers,
  webSeeds: [],
})
const dead = magnet('udp://dead.example:1/announce')

/** The first play waits for a swarm without anybody. */
async function withDeadPlay(second: Locator): Promise<Bench> {
  const bench = createBench({
    torrents: [one],
    sources: [sourceOf(dead, 0), sourceOf(second, 1)],
    answers: { [address]: one.torrent({ announce: live }) },
  })
  bench.engine.dead.add(one.infoHash)
  return bench
}

describe('a second source of a torrent whose look-up runs', () => {
  test.each<[string, () => Locator]>([
    ['a .torrent here', () => ({ kind: 'torrent', from: path, infoHash: one.infoHash })],
    ['a .torrent here, whose hash nobody knows yet', () => ({ kind: 'torrent', from: path })],
    ['a .torrent elsewhere', () => ({ kind: 'torrent', from: address, infoHash: one.infoHash })],
  ])('%s: both play', async (_what, second) => {
    const bench = await withDeadPlay(second())
    const first = bench.play(0)
    await eventually('the first look-up', () => bench.engine.described.length === 1)
    const plays = await Promise.all([first.playable, bench.play(1).playable])
    expect(bench.engine.opened.length).toBe(1)
    for (const play of plays) play.release()
    await eventually('all given back', bench.isIdle)
  })

  test('both begun in the same moment', async () => {
    const bench = await withDeadPlay({ kind: 'torrent', from: path, infoHash: one.infoHash })
    const plays = await Promise.all([bench.play(0).playable, bench.play(1).playable])
    for (const play of plays) play.release()
    await eventually('all given back', bench.isIdle)
  })

  test('a magnet: its trackers go to the engine at once', async () => {
    const bench = await withDeadPlay(magnet(live))
    const [first, second] = [bench.play(0), bench.play(1)]
    await eventually('the trackers', () => bench.engine.learnt.length > 0)
    expect(bench.engine.learnt[0]?.trackers).toEqual([live])
    expect(bench.engine.described).toEqual([one.infoHash])
    first.leave()
    second.leave()
    await Promise.allSettled([first.playable, second.playable])
    await eventually('all given back', bench.isIdle)
  })

  test('one that fails does not end the look-up of the other', async () => {
    const bench = await withDeadPlay({
      kind: 'torrent',
      from: join(folder, 'none'),
      infoHash: one.infoHash,
    })
    const first = bench.play(0)
    await eventually('the first look-up', () => bench.engine.described.length === 1)
    const second = bench.play(1)
    second.leave()
    await expect(second.playable).rejects.toThrow()
    const third = bench.play(0)
    third.leave()
    first.leave()
    await Promise.allSettled([first.playable, third.playable])
    await eventually('all given back', bench.isIdle)
  })

  test('a second way is gone when all have failed, with what the last one said', async () => {
    const bench = createBench({
      torrents: [one],
      sources: [sourceOf({ kind: 'torrent', from: join(folder, 'none'), infoHash: one.infoHash })],
    })
    await expect(bench.play().playable).rejects.toMatchObject({ code: 'FILE_MISSING' })
  })
})

describe('a second source of a torrent that is being downloaded', () => {
  test.each<[string, () => Locator]>([
    ['a magnet', () => magnet(live)],
    ['a .torrent here', () => ({ kind: 'torrent', from: path, infoHash: one.infoHash })],
  ])('%s: its trackers go to the engine', async (_what, second) => {
    const bench = createBench({
      torrents: [one],
      sources: [sourceOf(dead, 0), sourceOf(second(), 1)],
    })
    const first = await bench.play(0).playable
    const other = await bench.play(1).playable
    await eventually('its trackers', () =>
      bench.engine.learnt.some(({ trackers }) => trackers.includes(live)),
    )
    expect(bench.engine.opened.length).toBe(1)
    first.release()
    other.release()
    await eventually('all given back', bench.isIdle)
  })
})
