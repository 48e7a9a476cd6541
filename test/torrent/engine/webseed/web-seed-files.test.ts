import { describe, expect, test } from '@jest/globals'
import { webSeedFiles } from '../../../../torrent/engine/webseed/web-seed-files.ts'
import { type Bencodable, bencode } from '../../../support/bencode.ts'
import { payload } from '../../../support/swarm/payload.ts'
import { v2Torrent } from '../../../support/swarm/v2-metainfo.ts'

const info = (more: Record<string, Bencodable>): Buffer =>
  bencode({ name: 'Ein Ding', 'piece length': 16_384, pieces: '', ...more })
const v1 = (infoBytes: Buffer, seed: string) =>
  webSeedFiles({ version: 1, pieceLength: 16_384, infoBytes }, seed)
const urls = (bytes: Buffer, seed: string) => v1(bytes, seed).map(({ url }) => url)

test('one file: the seed’s URL itself, or the name below it when it ends in a slash', () => {
  const one = info({ length: 7 })
  expect(v1(one, 'http://x.test/a.mp4?k=1')).toEqual([
    { start: 0, size: 7, url: 'http://x.test/a.mp4?k=1', padding: false },
  ])
  expect(urls(one, 'http://x.test/files/')).toEqual(['http://x.test/files/Ein%20Ding'])
})

test('several files: below the torrent’s name, each part encoded, with or without a slash after the seed', () => {
  const some = info({
    files: [
      { length: 3, path: ['a', 'ü #1%20.mp4'] },
      { length: 5, path: ['_____padding_file_0'], attr: 'p' },
      { length: 9, path: ['b?.mkv'] },
    ],
  })
  const first = 'http://x.test/d/Ein%20Ding/a/%C3%BC%20%231%2520.mp4'
  for (const seed of ['http://x.test/d/', 'http://x.test/d']) {
    expect(urls(some, seed)[0]).toBe(first)
    expect(urls(some, seed)[2]).toBe('http://x.test/d/Ein%20Ding/b%3F.mkv')
  }
  expect(v1(some, 'http://x.test/d/').map(({ start, padding }) => [start, padding])).toEqual([
    [0, false],
    [3, true],
    [8, false],
  ])
})

test('padding files as BitComet names them, or without a name, are asked of nobody', () => {
  const some = info({
    files: [
      { length: 3, path: ['a.mp4'] },
      { length: 5, path: ['_____padding_file_0_if you see this file, please update to BitComet'] },
      { length: 7, attr: 'p' },
      { length: 9, path: ['b.mkv'], 'path.utf-8': [] },
    ],
  })
  const found = v1(some, 'http://x.test/d').map(({ url, padding }) => (padding ? 0 : url))
  expect(found).toEqual([
    'http://x.test/d/Ein%20Ding/a.mp4',
    0,
    0,
    'http://x.test/d/Ein%20Ding/b.mkv',
  ])
})

test.each([[['..', 'x']], [['.']], [['']], [['a/b']]])('no URL for the path %j', (path) => {
  expect(urls(info({ files: [{ length: 1, path }] }), 'http://x.test/d/')).toEqual([undefined])
})

describe('v2 (BEP 52)', () => {
  const PIECE = 16_384
  const files = (name: string, tree: Readonly<Record<string, Buffer>>, seed: string) => {
    const infoBytes = v2Torrent(name, PIECE, tree).info
    return webSeedFiles({ version: 2, pieceLength: PIECE, infoBytes }, seed)
  }

  test('one file: the seed’s URL itself, or the name below it', () => {
    const tree = { 'a ü.mkv': payload('one', PIECE) }
    const one = files('a ü.mkv', tree, 'http://x.test/a?k=1')
    expect(one).toEqual([{ start: 0, size: PIECE, url: 'http://x.test/a?k=1', padding: false }])
    const [below] = files('a ü.mkv', tree, 'http://x.test/d/')
    expect(below?.url).toBe('http://x.test/d/a%20%C3%BC.mkv')
  })

  test('several files: each begins a piece of its own', () => {
    const tree = { a: payload('a', 20_000), b: Buffer.alloc(0), 'ü?.mkv': payload('c', PIECE) }
    const some = files('Ein Ding', tree, 'http://x.test/d')
    expect(some.map(({ start, size, url, padding }) => [start, size, padding ? 0 : url])).toEqual([
      [0, 20_000, 'http://x.test/d/Ein%20Ding/a'],
      [20_000, 12_768, 0],
      [32_768, 0, 'http://x.test/d/Ein%20Ding/b'],
      [32_768, PIECE, 'http://x.test/d/Ein%20Ding/%C3%BC%3F.mkv'],
    ])
  })

  test('no URL for a name that leads elsewhere', () => {
    const tree = { '..': payload('a', 100), 'a/b': payload('b', 100) }
    const some = files('Ein Ding', tree, 'http://x.test/d').filter(({ padding }) => !padding)
    expect(some.map(({ url }) => url)).toEqual([undefined, undefined])
  })
})
