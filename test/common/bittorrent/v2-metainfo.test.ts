import { describe, expect, test } from '@jest/globals'
import { hasInfoHash } from '../../../common/bittorrent/info-hash.ts'
import { parseMetainfo, rebuildMetainfo } from '../../../common/bittorrent/metainfo.ts'
import {
  countOfPieces,
  isPiece,
  layoutOf,
  sizeOfPiece,
} from '../../../common/bittorrent/piece-hash.ts'
import { neededLayers } from '../../../common/bittorrent/piece-layers.ts'
import {
  UnsupportedTorrentError,
  ValidationError,
} from '../../../common/bittorrent/validation-error.ts'
import { KiB, payload, sha1 } from '../../support/swarm/payload.ts'
import { v2Torrent } from '../../support/swarm/v2-metainfo.ts'

const limits = { maxLength: 10_000_000 }
const contents = {
  'a.nfo': payload('a', 100),
  'b.mkv': payload('b', 5 * 32 * KiB + 1),
  'c.mkv': payload('c', 32 * KiB),
  'd.txt': Buffer.alloc(0),
  'e.mkv': payload('e', 40 * KiB),
}
const pack = v2Torrent('Pack', 32 * KiB, contents)
const read = () => parseMetainfo(pack.torrent, limits)

describe('a v2 torrent', () => {
  test('each file begins a piece, and is a part of no other', () => {
    const { version, infoHash, files, length, name } = read()
    expect([version, infoHash, name]).toEqual([2, pack.infoHash, 'Pack'])
    expect(files).toEqual([
      { path: 'a.nfo', size: 100, offset: 0 },
      { path: 'b.mkv', size: 163_841, offset: 32 * KiB },
      { path: 'c.mkv', size: 32 * KiB, offset: 7 * 32 * KiB },
      { path: 'd.txt', size: 0, offset: 8 * 32 * KiB },
      { path: 'e.mkv', size: 40 * KiB, offset: 8 * 32 * KiB },
    ])
    expect(length).toBe(8 * 32 * KiB + 40 * KiB)
    expect(countOfPieces(read())).toBe(10)
    const sizes = Array.from({ length: 10 }, (_, piece) => sizeOfPiece(read(), piece))
    const whole = 32 * KiB
    expect(sizes).toEqual([100, whole, whole, whole, whole, whole, 1, whole, whole, 8 * KiB])
  })

  test('every piece is what it should be, and nothing else is', () => {
    const torrent = read()
    let checked = 0
    for (const [i, file] of torrent.files.entries()) {
      const bytes = Object.values(contents)[i] ?? Buffer.alloc(0)
      expect(layoutOf(torrent, file).torrentLength).toBe(file.offset + file.size)
      for (let at = 0; at < file.size; at += torrent.pieceLength, checked++) {
        const piece = (file.offset + at) / torrent.pieceLength
        const part = Buffer.from(bytes.subarray(at, at + sizeOfPiece(torrent, piece)))
        expect([piece, isPiece(torrent, piece, part)]).toEqual([piece, true])
        part[part.length - 1] = (part.at(-1) ?? 0) ^ 1
        expect([piece, isPiece(torrent, piece, part)]).toEqual([piece, false])
      }
    }
    expect(checked).toBe(10)
  })

  test('is rebuilt with its hashes, and known by the beginning of its SHA-256', () => {
    const torrent = read()
    const again = rebuildMetainfo(torrent, ['udp://t.example:1'], [])
    expect(parseMetainfo(again, limits)).toEqual({ ...torrent, trackers: ['udp://t.example:1'] })
    expect(hasInfoHash(torrent.infoBytes, pack.infoHash)).toBe(true)
    expect(hasInfoHash(torrent.infoBytes, sha1(pack.info).toString('hex'))).toBe(true)
    expect(hasInfoHash(torrent.infoBytes, 'ab'.repeat(20))).toBe(false)
  })

  test('of one file has the name of the torrent', () => {
    const { torrent } = v2Torrent('Film.mkv', 16 * KiB, { 'film.mkv': payload('f', 50_000) })
    expect(parseMetainfo(torrent, limits).files[0]?.path).toBe('Film.mkv')
  })

  test('a hybrid one is the v1 torrent, unless it is known by its v2 hash', () => {
    const v1 = { pieces: new Uint8Array(20), length: 100 }
    const { info, infoHash } = v2Torrent('a.nfo', 32 * KiB, { 'a.nfo': contents['a.nfo'] }, v1)
    const file = Buffer.concat([Buffer.from('d4:info'), info, Buffer.from('e')])
    const byV1 = parseMetainfo(file, limits)
    expect([byV1.version, byV1.infoHash]).toEqual([1, sha1(info).toString('hex')])
    expect(parseMetainfo(file, { ...limits, infoHash })).toEqual({ ...byV1, infoHash })
    expect(parseMetainfo(file, { ...limits, infoHash: 'ab'.repeat(20) })).toEqual(byV1)
    expect(neededLayers(info)).toEqual([])
  })
})

describe('refused with a sentence', () => {
  const one = { 'a.mkv': payload('a', 100_000) }
  const file = (change: Parameters<typeof v2Torrent>[3]) =>
    v2Torrent('a.mkv', 32 * KiB, one, change).torrent
  const spoilt = Buffer.from(pack.torrent)
  spoilt[spoilt.length - 10] = (spoilt.at(-10) ?? 0) ^ 1
  test.each([
    ['a version after 2', file({ 'meta version': 3 }), /version of BitTorrent after 2/],
    ['pieces of no power of two', file({ 'piece length': 48 * KiB }), /power of two/],
    ['pieces of 8 KiB', file({ 'piece length': 8 * KiB }), /power of two/],
    ['a tree that is none', file({ 'file tree': [] }), /file tree/],
    ['an empty tree', file({ 'file tree': {} }), /1 to 20000 files/],
    ['a file at the top', file({ 'file tree': { '': { length: 1 } } }), /1 to 20000 files/],
    ['a folder that is a number', file({ 'file tree': { a: 1 } }), /file tree/],
    ['no hash', file({ 'file tree': { a: { '': { length: 5 } } } }), /has no hash/],
    ['a negative length', file({ 'file tree': { a: { '': { length: -5 } } } }), /no good length/],
    ['no bytes', file({ 'file tree': { a: { '': { length: 0 } } } }), /is empty/],
    ['10^15 bytes', file({ 'file tree': { a: { '': { length: 10 ** 15 } } } }), /has no hash/],
    [
      'without its hashes',
      Buffer.concat([Buffer.from('d4:info'), pack.info, Buffer.from('e')]),
      /lacks the hashes/,
    ],
    ['with wrong hashes', spoilt, /not those of its files/],
  ])('%s', (_what, torrent, sentence) => {
    expect(() => parseMetainfo(torrent, limits)).toThrow(ValidationError)
    expect(() => parseMetainfo(torrent, limits)).toThrow(sentence)
  })

  test('more pieces than can be checked in a turn', () => {
    const root = payload('root', 32)
    const tree = { 'a.mkv': { '': { length: 1e12, 'pieces root': root } } }
    const { info, torrent } = v2Torrent('a.mkv', 16 * KiB, {}, { 'file tree': tree })
    expect(() => parseMetainfo(torrent, { maxLength: 1e13 })).toThrow(/larger than/)
    expect(neededLayers(info)).toEqual([])
  })

  test('a version after 2 is told from what is damaged', () => {
    expect(() => parseMetainfo(file({ 'meta version': 3 }), limits)).toThrow(
      UnsupportedTorrentError,
    )
  })
})
