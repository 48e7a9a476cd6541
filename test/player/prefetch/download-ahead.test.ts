import { afterEach, describe, expect, test } from '@jest/globals'
import { parseWish, type Wish } from '../../../player/prefetch/wish.ts'
import { buildTorrent } from '../../support/swarm/torrent.ts'
import {
  type Bench,
  type BenchOptions,
  createBench,
  drain,
  eventually,
  film,
  magnetOf,
  sourceOf,
} from '../fakes.ts'

const [one, two] = [film('one'), film('two')]
const MOVIE = 'tt1254207'
const keyOf = ({ infoHash }: { infoHash: string }, fileIdx = 0) => `${infoHash}/${fileIdx}` as const

let bench: Bench
afterEach(async () => {
  await bench.player.close()
  expect(bench.isIdle()).toBe(true)
})

const open = (options: BenchOptions = {}): Bench => {
  bench = createBench({ torrents: [one, two], ...options })
  return bench
}
const wish = (text: string): Wish => {
  const parsed = parseWish(text)
  if (!parsed) throw new Error(text)
  return parsed
}
const add = (text: string, keep = false): number => bench.player.downloadAhead.add(wish(text), keep)
const state = (id: number) => bench.player.downloadAhead.views().find((view) => view.id === id)
const opened = (hash: string) =>
  bench.engine.opened.find(({ spec, closed }) => spec.infoHash === hash && !closed)
const until = (id: number, wanted: string) =>
  eventually(`${id} is ${wanted}`, () => state(id)?.state === wanted)

describe('what the operator asks for', () => {
  test('is stored whole and kept, though nobody plays it', async () => {
    open()
    const id = add(MOVIE, true)
    expect(state(id)).toEqual({ id, name: MOVIE, keep: true, state: 'waiting', stored: 0 })
    await eventually('it is open', () => opened(one.infoHash) !== undefined)
    expect(state(id)).toMatchObject({ state: 'running', key: keyOf(one) })
    opened(one.infoHash)?.finish()
    await until(id, 'done')
    expect(state(id)).toMatchObject({ stored: 1 })
    expect(bench.store.stored(keyOf(one))).toMatchObject({ complete: true, keep: true })
    const playing = bench.play()
    expect((await playing.playable).from).toBe('disk')
    playing.leave()
    // No play of somebody.
    expect(bench.player.status.stats.total).toBe(1)
  })

  test('is the largest video of a magnet link', async () => {
    const pack = buildTorrent({
      name: 'pack',
      files: { 'a.txt': 90_000, 'b.mp4': 40_000, 'c.mkv': 60_000 },
    })
    open({ torrents: [pack], sources: [] })
    const id = add(`magnet:?xt=urn:btih:${pack.infoHash}&dn=Pack`)
    await eventually('it is open', () => opened(pack.infoHash) !== undefined)
    expect(state(id)).toMatchObject({ name: 'Pack', key: keyOf(pack, 2) })
    opened(pack.infoHash)?.finish()
    await until(id, 'done')
    expect(bench.store.stored(keyOf(pack, 2))).toMatchObject({ keep: false })
  })

  test('gives the only permit to a viewer, and goes on afterwards', async () => {
    open({ maxDownloads: 1 })
    const id = add(MOVIE)
    await eventually('it is open', () => opened(one.infoHash) !== undefined)
    opened(one.infoHash)?.deliver(2)
    const playing = bench.play(1)
    await playing.playable
    expect([opened(one.infoHash), state(id)?.state]).toEqual([undefined, 'running'])
    opened(two.infoHash)?.finish()
    expect(await drain(await playing.playable)).toEqual(two.content)
    playing.leave()
    await eventually('it is open again', () => opened(one.infoHash) !== undefined)
    opened(one.infoHash)?.finish()
    await until(id, 'done')
  })

  test('a season ends after two episodes without a file', async () => {
    const season = buildTorrent({
      name: 'season',
      files: { 'e1.mkv': 30_001, 'e2.mkv': 30_002, 'e3.mkv': 30_003 },
    })
    open({
      torrents: [season],
      wantedFile: async (_files, title) =>
        title.type === 'series' && title.episode <= 3 ? title.episode - 1 : undefined,
    })
    bench.sourceLists.sources = [sourceOf(magnetOf(season), 0)]
    const id = add('tt0903747:1', true)
    for (const index of [0, 1, 2]) {
      await eventually(`episode ${index + 1}`, () => state(id)?.key === keyOf(season, index))
      await eventually('it is open', () => opened(season.infoHash) !== undefined)
      opened(season.infoHash)?.finish()
      await eventually('stored', () => bench.store.stored(keyOf(season, index)) !== undefined)
    }
    await until(id, 'done')
    expect(state(id)).toMatchObject({ stored: 3 })
    for (const index of [0, 1, 2]) {
      expect(bench.store.stored(keyOf(season, index))?.keep).toBe(true)
    }
  })

  test('is stopped in its queue or on its way, and what follows goes on', async () => {
    open()
    const [first, second] = [add(MOVIE), add('tt0111161')]
    await eventually('it is open', () => opened(one.infoHash) !== undefined)
    const third = add('tt0068646')
    const { downloadAhead } = bench.player
    expect([third, second].map((id) => downloadAhead.stop(id))).toEqual([true, true])
    expect(downloadAhead.stop(first)).toBe(true)
    await eventually('it ended', () => opened(one.infoHash) === undefined)
    expect(downloadAhead.views().map((view) => view.state)).toEqual([
      'stopped',
      'stopped',
      'stopped',
    ])
    expect([downloadAhead.stop(first), downloadAhead.stop(99)]).toEqual([false, false])
  })

  test('is paused on its way, the next one goes on meanwhile, and resumes with what it has', async () => {
    open()
    const { downloadAhead } = bench.player
    const id = add(MOVIE, true)
    await eventually('it is open', () => opened(one.infoHash) !== undefined)
    opened(one.infoHash)?.deliver(2)
    expect([downloadAhead.pause(id), downloadAhead.pause(id)]).toEqual([true, false])
    await eventually('it ended', () => opened(one.infoHash) === undefined)
    const next = add(`magnet:?xt=urn:btih:${two.infoHash}`)
    await eventually('the next is open', () => opened(two.infoHash) !== undefined)
    expect(state(id)).toMatchObject({ state: 'paused' })
    expect([downloadAhead.resume(id), downloadAhead.resume(id)]).toEqual([true, false])
    expect(state(id)).toMatchObject({ state: 'waiting' })
    opened(two.infoHash)?.finish()
    await until(next, 'done')
    await eventually('it is open again', () => opened(one.infoHash) !== undefined)
    opened(one.infoHash)?.finish()
    await until(id, 'done')
    expect(state(id)).toMatchObject({ stored: 1 })
    expect(bench.store.stored(keyOf(one))).toMatchObject({ complete: true, keep: true })
    expect([downloadAhead.pause(id), downloadAhead.resume(id)]).toEqual([false, false])
  })

  test('may be stopped while it is paused, and begins anew when it is resumed at once', async () => {
    open()
    const { downloadAhead } = bench.player
    const [first, second] = [add(MOVIE), add(MOVIE)]
    expect([downloadAhead.pause(second), downloadAhead.stop(second)]).toEqual([true, true])
    expect(state(second)).toMatchObject({ state: 'stopped' })
    await eventually('it is open', () => opened(one.infoHash) !== undefined)
    downloadAhead.pause(first)
    downloadAhead.resume(first)
    await until(first, 'running')
    await eventually('it is open again', () => opened(one.infoHash) !== undefined)
    opened(one.infoHash)?.finish()
    await until(first, 'done')
  })

  test('fails with its reason: no room, no source', async () => {
    open()
    bench.janitor.max = 0
    const full = add(MOVIE)
    await until(full, 'failed')
    expect(state(full)).toMatchObject({ code: 'DOES_NOT_FIT', stored: 0 })
    bench.sourceLists.sources = []
    const none = add(MOVIE)
    await until(none, 'failed')
    expect(state(none)).toMatchObject({ code: 'UNKNOWN_TITLE' })
  })
})

test.each([
  ['tt1254207', { kind: 'title', title: { type: 'movie', imdbId: 'tt1254207' } }],
  [' tt0903747:1 ', { kind: 'season', imdbId: 'tt0903747', season: 1 }],
  [
    'tt0903747:1:2',
    { kind: 'title', title: { type: 'series', imdbId: 'tt0903747', season: 1, episode: 2 } },
  ],
])('%s is read', (text, meant) => expect(parseWish(text)).toEqual(meant))

test.each([
  '',
  'tt12',
  'tt1254207:',
  'tt1254207:01',
  'tt1254207:1:2:3',
  'magnet:?dn=x',
  'http://x',
])('"%s" is none', (text) => expect(parseWish(text)).toBeUndefined())
