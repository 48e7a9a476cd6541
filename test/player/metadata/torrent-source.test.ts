import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { bencode } from '../../support/bencode.ts'
import { createBench, eventually, film, magnetOf, sourceOf } from '../fakes.ts'

const one = film('one')
const address = 'https://torrents.example/one.torrent'
const V3_INFO = { 'file tree': {}, 'meta version': 3, name: 'x', 'piece length': 16_384 }
const announce = 'http://of.the.file/announce'
let folder = ''
let path = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'playlink-torrent-'))
  path = join(folder, 'one.torrent')
  await writeFile(path, one.torrent({ announce }))
})
afterAll(() => rm(folder, { recursive: true }))

const fromUrl = (infoHash?: string) =>
  sourceOf({ kind: 'torrent', from: address, ...(infoHash ? { infoHash } : {}) })

describe('a source by its .torrent', () => {
  test('a file: no peer is asked to describe it, its trackers count', async () => {
    const source = sourceOf({ kind: 'torrent', from: path, infoHash: one.infoHash })
    const bench = createBench({ torrents: [one], sources: [source] })
    const play = await bench.play().playable
    expect(bench.engine.described).toEqual([])
    expect(bench.engine.opened[0]?.spec.trackers).toEqual([announce])
    play.release()
    await eventually('all given back', bench.isIdle)
  })

  test('an address: fetched once for all, and not again while it is remembered', async () => {
    const answers = { [address]: one.torrent() }
    const bench = createBench({ torrents: [one], sources: [fromUrl()], answers })
    const plays = await Promise.all([bench.play().playable, bench.play().playable])
    for (const play of plays) play.release()
    await eventually('all given back', bench.isIdle)
    ;(await bench.play().playable).release()
    expect(bench.outbound.asked).toEqual([address])

    // After a restart: the index names the torrent, its folder has the metadata.
    const later = createBench({ torrents: [one], sources: [fromUrl()] })
    for (const [name, note] of bench.index.entries) later.index.entries.set(name, note)
    later.store.metainfo.set(one.infoHash, one.torrent())
    ;(await later.play().playable).release()
    expect(later.outbound.asked).toEqual([])
  })

  test('an address with the gzip file of a .torrent, which no header names', async () => {
    const answers = { [address]: gzipSync(one.torrent()) }
    const bench = createBench({ sources: [fromUrl()], answers })
    ;(await bench.play().playable).release()
    expect(bench.outbound.asked).toHaveLength(1)
  })

  test.each([
    ['a gzip bomb', gzipSync(Buffer.alloc((12 << 20) + 1)), 200, 'BAD_TORRENT'],
    ['half a gzip file', gzipSync(one.torrent()).subarray(0, 60), 200, 'BAD_TORRENT'],
    ['a page instead', Buffer.from('<html>'), 200, 'BAD_TORRENT'],
    ['404', one.torrent(), 404, 'UPSTREAM_FAILED'],
    ['larger than 12 MiB', Buffer.alloc((12 << 20) + 1), 200, 'UPSTREAM_FAILED'],
  ])('an address with %s', async (_what, body, status, code) => {
    const bench = createBench({ sources: [fromUrl()], answers: { [address]: body } })
    bench.outbound.status = status
    await expect(bench.play().playable).rejects.toMatchObject({ code, status: 502 })
    expect(bench.isIdle()).toBe(true)
  })

  test.each([
    ['a .torrent', bencode({ info: V3_INFO })],
    ['a magnet', Buffer.from(`magnet:?xt=urn:btmh:1114${'ab'.repeat(20)}`)],
  ])('%s of an unknown version of BitTorrent is refused with a sentence', async (_what, body) => {
    const bench = createBench({ sources: [fromUrl()], answers: { [address]: body } })
    await expect(bench.play().playable).rejects.toMatchObject({
      ...{ code: 'UNSUPPORTED_TORRENT', status: 502 },
      message: expect.stringMatching(/version of BitTorrent/) as unknown,
    })
    expect(bench.isIdle()).toBe(true)
  })

  test('another torrent than the source names is refused', async () => {
    const answers = { [address]: film('two').torrent() }
    const bench = createBench({ sources: [fromUrl(one.infoHash)], answers })
    await expect(bench.play().playable).rejects.toMatchObject({ code: 'BAD_TORRENT' })
  })

  test('what peers say passes the same gate', async () => {
    const other = { ...film('two'), infoHash: one.infoHash }
    const bench = createBench({ torrents: [other], sources: [sourceOf(magnetOf(one))] })
    await expect(bench.play().playable).rejects.toMatchObject({ code: 'HOSTILE_TORRENT' })
    await eventually('all given back', bench.isIdle)
  })

  test('a file that is not there, or far too large', async () => {
    const bench = createBench({
      sources: [sourceOf({ kind: 'torrent', from: join(folder, 'none') })],
    })
    await expect(bench.play().playable).rejects.toMatchObject({ code: 'FILE_MISSING' })
    const large = join(folder, 'large.torrent')
    await writeFile(large, Buffer.alloc((12 << 20) + 1))
    bench.sourceLists.sources = [sourceOf({ kind: 'torrent', from: large })]
    await expect(bench.play().playable).rejects.toMatchObject({ code: 'BAD_TORRENT' })
  })
})
