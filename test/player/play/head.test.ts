import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { fileEtag, fileKey } from '../../../common/bittorrent/file-key.ts'
import { Fault } from '../../../common/errors.ts'
import { createBench, eventually, film, magnetOf, movie, sourceOf } from '../fakes.ts'

const one = film('one')
const etag = fileEtag(fileKey(one.infoHash, 0))
const request = {
  title: movie,
  number: 0,
  sourceKey: undefined,
  signal: new AbortController().signal,
}
let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'playlink-head-'))
})
afterAll(() => rm(folder, { recursive: true }))

describe('head', () => {
  test('nothing known: only what the source says; nothing is started', async () => {
    const source = { ...sourceOf(magnetOf(one)), filename: 'listed.mkv', size: 5 }
    const bench = createBench({ torrents: [one], sources: [source] })
    expect(await bench.player.playback.head(request)).toEqual({ kind: 'bytes', name: 'listed.mkv' })
    expect(bench.engine.described).toEqual([])
    expect(bench.player.status.stats.total).toBe(0)
  })

  test('known from a play, from the index, from the selector', async () => {
    const bench = createBench({ torrents: [one] })
    ;(await bench.play().playable).release()
    const size = one.content.length
    const headAnswer = { kind: 'bytes', name: 'one.mp4', size, etag }
    expect(await bench.player.playback.head(request)).toEqual(headAnswer)
    // Which file the source means, and which title that file is.
    await eventually('remembered', () => bench.index.entries.size === 2)

    // Another node, or this one after a restart: only the index knows it.
    const later = createBench({ torrents: [one] })
    for (const [name, entry] of bench.index.entries) later.index.entries.set(name, entry)
    expect(await later.player.playback.head(request)).toEqual(headAnswer)

    const chosen = createBench({ sources: [sourceOf(magnetOf(one), 0, { fileIdx: 0 })] })
    expect(await chosen.player.playback.head(request)).toEqual({ kind: 'bytes', name: '', etag })
  })

  test.each([
    ['another shape', { infoHash: 'x', fileIdx: 0, name: '', size: 1 }],
    ['no size', { infoHash: one.infoHash, fileIdx: 0, name: '', size: 0 }],
    ['another torrent', { infoHash: 'f'.repeat(40), fileIdx: 0, name: '', size: 1 }],
    ['nothing', null],
  ])('a value that cannot be right counts as absent: %s', async (_why, value) => {
    const bench = createBench({ torrents: [one] })
    bench.index.entries.set('content:key0aaaaaa:tt1254207', { value, revision: 1 })
    expect(await bench.player.playback.head(request)).toEqual({ kind: 'bytes', name: '' })
  })

  test('a local file: size and ETag; not there: 404', async () => {
    const path = join(folder, 'film.mp4')
    await writeFile(path, 'twelve bytes')
    const bench = createBench({ sources: [sourceOf({ kind: 'path', path })] })
    const headAnswer = await bench.player.playback.head(request)
    expect(headAnswer).toMatchObject({ kind: 'bytes', name: 'film.mp4', size: 12 })
    bench.sourceLists.sources = [sourceOf({ kind: 'path', path: join(folder, 'none.mp4') })]
    await expect(bench.player.playback.head(request)).rejects.toMatchObject({
      code: 'FILE_MISSING',
    })
  })

  test('providers that do not answer in time: 404, and they are told to stop', async () => {
    const bench = createBench({ torrents: [one], providerWaitMs: 20 })
    bench.sourceLists.gate = new Promise(() => {})
    await expect(bench.player.playback.head({ ...request, number: 3 })).rejects.toMatchObject({
      code: 'UNKNOWN_SOURCE',
      details: { available: 1 },
    })
    expect(bench.sourceLists.signals[0]?.aborted).toBe(true)
    bench.sourceLists.sources = []
    await expect(bench.player.playback.head(request)).rejects.toMatchObject({
      code: 'UNKNOWN_TITLE',
    })
    bench.sourceLists.resolve = () => Promise.reject(new Fault('SOURCE_GONE'))
    await expect(bench.player.playback.head(request)).rejects.toMatchObject({ code: 'SOURCE_GONE' })
  })
})

describe('availability, for lists', () => {
  test('remote, downloading with its percent, ready', async () => {
    const source = sourceOf(magnetOf(one))
    const bench = createBench({ torrents: [one], sources: [source] })
    const availability = () => bench.player.availability.of(movie, source)
    expect(availability()).toEqual({ kind: 'remote' })
    const play = await bench.play().playable
    expect(availability()).toEqual({
      ...{ kind: 'downloading', percent: 0 },
      file: { name: 'one.mp4', size: one.content.length },
    })
    bench.engine.opened[0]?.deliver(5)
    await eventually('55 %', () => (availability() as { percent?: number }).percent === 55)
    expect(bench.player.status.stats.arrivals.bytesPerSecond).toBe(1000)
    bench.engine.opened[0]?.finish()
    await eventually('ready', () => availability().kind === 'ready')
    const other = { ...movie, imdbId: 'tt0000001' }
    expect(bench.player.availability.of(other, source)).toEqual({ kind: 'remote' })
    play.release()
    await eventually('all given back', bench.isIdle)
    expect(availability()).toMatchObject({ kind: 'ready' })
    const url = sourceOf({ kind: 'url', url: 'https://good.example/' }, 1)
    expect(bench.player.availability.of(movie, url)).toEqual({ kind: 'remote' })
    const path = sourceOf({ kind: 'path', path: '/films/own.mp4' }, 2)
    expect(bench.player.availability.of(movie, path)).toEqual({ kind: 'ready' })
  })
})
