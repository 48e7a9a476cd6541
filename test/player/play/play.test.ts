import { describe, expect, test } from '@jest/globals'
import { fileEtag, fileKey } from '../../../common/bittorrent/file-key.ts'
import { Fault } from '../../../common/errors.ts'
import { wantedFile } from '../../../sources/matching/wanted-file.ts'
import type { Selector } from '../../../sources/source.ts'
import { nearParser } from '../../support/names.ts'
import { buildTorrent } from '../../support/swarm/torrent.ts'
import { createBench, drain, eventually, film, magnetOf, movie, PIECE, sourceOf } from '../fakes.ts'

const one = film('one')
const key = fileKey(one.infoHash, 0)

describe('a play', () => {
  test('cold: bytes as they verify; warm: from disk; equal and under one name', async () => {
    const bench = createBench({ torrents: [one] })
    const cold = await bench.play().playable
    expect(cold).toMatchObject({ from: 'swarm', name: 'one.mp4', size: one.content.length })
    expect(cold.etag).toBe(fileEtag(key))
    const body = drain(cold)
    bench.engine.opened[0]?.deliver(3)
    bench.engine.opened[0]?.finish()
    expect((await body).equals(one.content)).toBe(true)
    cold.release()
    await eventually('all given back', bench.isIdle)

    const warm = await bench.play().playable
    expect(warm).toMatchObject({ from: 'disk', name: 'one.mp4', etag: cold.etag, size: cold.size })
    expect((await drain(warm, 5, 20_000)).equals(one.content.subarray(5, 20_001))).toBe(true)
    warm.release()
    warm.release()
    expect(bench.isIdle()).toBe(true)
    expect(bench.engine.opened).toHaveLength(1)
    expect(bench.player.status.stats).toMatchObject({ total: 2, hits: 1, misses: 1, active: 0 })
  })

  test('ten at once are one look-up, one download, one reservation', async () => {
    const bench = createBench({ torrents: [one] })
    const plays = await Promise.all(Array.from({ length: 10 }, () => bench.play().playable))
    expect([bench.engine.described.length, bench.engine.opened.length]).toEqual([1, 1])
    expect(bench.player.status.stats).toMatchObject({
      active: 10,
      arrivals: { running: 1, waiting: 0 },
    })
    expect(bench.janitor.keys.size).toBe(1)
    const bodies = plays.map((play) => drain(play))
    bench.engine.opened[0]?.finish()
    for (const body of await Promise.all(bodies)) expect(body.equals(one.content)).toBe(true)
    for (const play of plays) play.release()
    await eventually('all given back', bench.isIdle)
  })

  test('a film in parts: the first one plays, the list learns of the others', async () => {
    const parts = buildTorrent({
      name: 'Film',
      files: { 'Film CD2.avi': PIECE * 4, 'poster.jpg': 10, 'Film CD1.avi': PIECE * 3 },
      pieceLength: PIECE,
    })
    const bench = createBench({
      torrents: [parts],
      wantedFile: (...asked) => wantedFile(nearParser, ...asked),
    })
    const play = await bench.play().playable
    expect(play).toMatchObject({ name: 'Film CD1.avi' })
    play.release()
    await eventually('the list has learned', () => bench.sourceLists.learned.length === 1)
    expect(bench.sourceLists.learned).toMatchObject([
      {
        source: { number: 0 },
        parts: [{ fileIdx: 0, name: 'Film CD2.avi', size: PIECE * 4 }],
      },
    ])
    await eventually('all given back', bench.isIdle)
  })

  test('two sources of one torrent and file share it', async () => {
    const named = sourceOf(magnetOf(one), 1, { fileIdx: 0 })
    const bench = createBench({ torrents: [one], sources: [sourceOf(magnetOf(one)), named] })
    const [a, b] = await Promise.all([bench.play(0).playable, bench.play(1).playable])
    expect(bench.engine.opened).toHaveLength(1)
    a.release()
    b.release()
    await eventually('all given back', bench.isIdle)
  })

  test('the engine gets the place, the fill, our own .torrent and the trackers', async () => {
    const bench = createBench({ torrents: [one] })
    const play = await bench.play().playable
    const { spec, place } = bench.engine.opened[0] ?? {}
    expect(place).toMatchObject({ fileIdx: 0, fill: 'whole', trusted: true })
    expect(place?.folder).toBe(`/fake/${one.infoHash}`)
    expect(spec?.trackers).toEqual(['http://tracker.example/announce'])
    expect(Buffer.from(spec?.metainfo ?? []).includes(one.info)).toBe(true)
    expect(bench.store.metainfo.has(one.infoHash)).toBe(true)
    play.release()
    await eventually('all given back', bench.isIdle)
  })

  test('metadata kept on disk asks no peer; spoilt metadata does', async () => {
    const bench = createBench({ torrents: [one] })
    bench.store.metainfo.set(one.infoHash, one.torrent())
    ;(await bench.play().playable).release()
    expect(bench.engine.described).toEqual([])
    const other = createBench({ torrents: [one] })
    other.store.metainfo.set(one.infoHash, film('two').torrent())
    ;(await other.play().playable).release()
    expect(other.engine.described).toHaveLength(1)
  })

  test('an address is a redirect when it may be handed out, else 502', async () => {
    const url = (url: string, n: number) => sourceOf({ kind: 'url', url }, n)
    const sources = [url('https://good.example/a.mp4', 0), url('javascript:1', 1)]
    const { player } = createBench({ sources })
    const { signal } = new AbortController()
    const request = { title: movie, sourceKey: undefined, signal }
    const redirect = { kind: 'redirect', url: 'https://good.example/a.mp4' }
    await expect(player.playback.play({ ...request, number: 0 })).resolves.toEqual(redirect)
    await expect(player.playback.head({ ...request, number: 0 })).resolves.toEqual(redirect)
    const bad = { code: 'BAD_REDIRECT', status: 502 }
    await expect(player.playback.play({ ...request, number: 1 })).rejects.toMatchObject(bad)
    await expect(player.playback.head({ ...request, number: 1 })).rejects.toMatchObject(bad)
  })

  test('only videos are played, and a subtitle that somebody named', async () => {
    const files = { 'a.srt': 100, 'b.exe': 100, 'c.mkv': 40_000, 'empty.mp4': 0 }
    const pack = buildTorrent({ name: 'pack', files, pieceLength: PIECE })
    const wanted = async (fileIdx: number | undefined, selector: Selector = {}) => {
      const sources = [sourceOf(magnetOf(pack), 0, selector)]
      const bench = createBench({ torrents: [pack], sources, wantedFile: async () => fileIdx })
      const play = await bench.play().playable.catch((error: Fault) => error.code)
      return typeof play === 'string' ? play : play.name
    }
    expect(await wanted(undefined)).toBe('NO_WANTED_FILE')
    expect(await wanted(7)).toBe('NO_WANTED_FILE')
    expect(await wanted(0)).toBe('NO_WANTED_FILE')
    expect(await wanted(0, { file: 'a.srt' })).toBe('a.srt')
    expect(await wanted(1, { fileIdx: 1 })).toBe('NO_WANTED_FILE')
    expect(await wanted(2)).toBe('c.mkv')
    expect(await wanted(3)).toBe('NO_WANTED_FILE')
  })

  test.each(['UNKNOWN_SOURCE', 'SOURCE_GONE', 'PROVIDERS_FAILED'] as const)(
    'what the book says is passed on: %s',
    async (code) => {
      const bench = createBench()
      bench.sourceLists.resolve = () => Promise.reject(new Fault(code))
      await expect(bench.play().playable).rejects.toMatchObject({ code })
      expect(bench.isIdle()).toBe(true)
    },
  )

  test('after close: 503, and what waits is let go', async () => {
    const bench = createBench({ torrents: [one] })
    bench.engine.dead.add(one.infoHash)
    const waiting = bench.play().playable
    await eventually('asked', () => bench.engine.described.length === 1)
    await bench.player.close()
    await expect(waiting).rejects.toMatchObject({ code: 'DRAINING' })
    await expect(bench.play().playable).rejects.toMatchObject({ code: 'DRAINING', status: 503 })
    const { signal } = new AbortController()
    const request = { title: movie, number: 0, sourceKey: undefined, signal }
    await expect(bench.player.playback.head(request)).rejects.toMatchObject({ code: 'DRAINING' })
    expect(bench.isIdle()).toBe(true)
  })
})
