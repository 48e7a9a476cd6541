import { createHash } from 'node:crypto'
import { describe, expect, test } from '@jest/globals'
import {
  MAX_METAINFO_BYTES,
  parseMetainfo,
  rebuildMetainfo,
} from '../../../common/bittorrent/metainfo.ts'
import { ValidationError } from '../../../common/bittorrent/validation-error.ts'
import { type Bencodable, bencode } from '../../support/bencode.ts'
import { seededRandom } from '../seeded-random.ts'

type Fields = { readonly [key: string]: Bencodable | undefined }

const KIB = 1024
const limits = { maxLength: 10_000_000 }
const hashes = (count: number) => new Uint8Array(count * 20).fill(7)
/** A film of 100,000 bytes in pieces of 64 KiB, changed as told. */
const film = (change: Fields = {}): Fields => ({
  name: 'film.mkv',
  'piece length': 64 * KIB,
  pieces: hashes(2),
  length: 100_000,
  ...change,
})
const pack = (files: Bencodable, change: Fields = {}): Fields =>
  film({ length: undefined, files, ...change })
const parse = (info: Fields, outer: Fields = {}) =>
  parseMetainfo(bencode({ ...outer, info }), limits)

describe('parseMetainfo', () => {
  test('reads a torrent of one file', () => {
    const metainfo = parse(film())
    const info = bencode(film())
    expect(metainfo).toMatchObject({
      infoHash: createHash('sha1').update(info).digest('hex'),
      name: 'film.mkv',
      pieceLength: 65536,
      length: 100_000,
      files: [{ path: 'film.mkv', size: 100_000, offset: 0 }],
      trackers: [],
      webSeeds: [],
    })
    expect([...metainfo.pieces]).toEqual([...hashes(2)])
    expect(Buffer.from(metainfo.infoBytes)).toEqual(info)
  })

  test('reads a pack: offsets, UTF-8 paths first, empty and padding files keep their index', () => {
    const { files, length } = parse(
      pack([
        { length: 60_000, path: ['Season 1', 'e1.mkv'] },
        { length: 5536, path: ['.pad', '5536'], attr: 'p' },
        { length: 0, path: ['empty.nfo'] },
        { length: 34_464, path: [Uint8Array.of(0xe9)], 'path.utf-8': ['é.srt'] },
      ]),
    )
    expect(length).toBe(100_000)
    expect(files).toEqual([
      { path: 'Season 1/e1.mkv', size: 60_000, offset: 0 },
      { path: '.pad/5536', size: 5536, offset: 60_000 },
      { path: 'empty.nfo', size: 0, offset: 65_536 },
      { path: 'é.srt', size: 34_464, offset: 65_536 },
    ])
  })

  test('the info hash is of the exact bytes: with unsorted keys, and of the last of two', () => {
    const [name, size, pieces] = [bencode('x'), bencode(100_000), bencode(hashes(2))]
    const info = Buffer.concat([
      Buffer.from('d6:pieces'),
      pieces,
      Buffer.from('6:lengthi5e6:length'),
      size,
      Buffer.from('4:name'),
      name,
      Buffer.from('12:piece lengthi65536ee'),
    ])
    const file = Buffer.concat([Buffer.from('d4:infoi1e4:info'), info, Buffer.from('e')])
    const metainfo = parseMetainfo(file, limits)
    expect(metainfo.infoHash).toBe(createHash('sha1').update(info).digest('hex'))
    expect(metainfo.length).toBe(100_000)
  })

  test('names that are paths are made harmless', () => {
    const names = ['..', '.', '', 'a/b', 'c\\d', '\u202e', 'ok']
    const files = names.map((name) => ({ length: 1, path: ['..', name] }))
    const info = pack(files, { pieces: hashes(1), name: '..' })
    const metainfo = parse(info)
    expect(metainfo.files.map((file) => file.path)).toEqual([
      '_/_',
      '_/_',
      '_/_',
      '_/a_b',
      '_/c_d',
      '_/_',
      '_/ok',
    ])
    expect(metainfo.name).toBe(metainfo.infoHash)
    expect(parse(film({ name: undefined })).name).toMatch(/^[0-9a-f]{40}$/)
    expect(parse(film({ 'name.utf-8': 'better' })).name).toBe('better')
    expect(parse(film({ name: '../../etc/passwd' })).files[0]?.path).toBe('.._.._etc_passwd')
    const deep = { length: 1, path: Array(500).fill('abcdef') }
    expect(parse(pack([deep], { pieces: hashes(1) })).files[0]?.path).toHaveLength(1000)
  })

  test('keeps valid trackers and web seeds, each once, at most 20', () => {
    const many = Array.from({ length: 30 }, (_, i) => `http://t${i}.test/`)
    const read = parse(film(), {
      announce: 'udp://first.test:1',
      'announce-list': [['udp://first.test:1', 'http://u:p@b.test'], 5, ['file:///x', 7], many],
      'url-list': 'https://seed.test/',
    })
    expect(read.trackers).toEqual(['udp://first.test:1', ...many.slice(0, 19)])
    expect(read.webSeeds).toEqual(['https://seed.test/'])
    const seeds = parse(film(), { 'url-list': ['udp://x.test:1', ...many], announce: 3 })
    expect([seeds.webSeeds, seeds.trackers]).toEqual([many.slice(0, 20), []])
    expect(parse(film(), { 'url-list': '', 'announce-list': 1 }).webSeeds).toEqual([])
  })

  test('hybrid torrents are read as v1', () => {
    expect(parse(film({ 'meta version': 2, 'file tree': {} })).length).toBe(100_000)
  })
})

describe('refused with a sentence', () => {
  const two = { length: 100_000, path: ['a'] }
  test.each<[string, Fields, RegExp]>([
    ['v2 only', film({ pieces: undefined, 'meta version': 2, 'file tree': {} }), /v2 only/],
    ['no hashes', film({ pieces: undefined }), /no piece hashes/],
    ['too few hashes', film({ pieces: hashes(1) }), /number of piece hashes/],
    ['too many hashes', film({ pieces: hashes(3) }), /number of piece hashes/],
    ['half a hash', film({ pieces: new Uint8Array(39) }), /number of piece hashes/],
    ['no piece length', film({ 'piece length': undefined }), /piece length/],
    ['small pieces', film({ 'piece length': 8 * KIB }), /piece length/],
    ['odd pieces', film({ 'piece length': 65_537 }), /piece length/],
    ['large pieces', film({ 'piece length': 32 * KIB * KIB }), /piece length/],
    ['pieces of 2^33', film({ 'piece length': 2 ** 33 }), /piece length/],
    ['negative pieces', film({ 'piece length': -65_536 }), /piece length/],
    ['empty', film({ length: 0, pieces: hashes(0) }), /is empty/],
    ['negative length', film({ length: -1 }), /File 0 .* no good length/],
    ['no length', film({ length: undefined }), /no good length/],
    ['length as text', film({ length: '5' }), /no good length/],
    ['too large', film({ length: 10_000_001, pieces: hashes(153) }), /larger than/],
    ['10^15 bytes', film({ length: 10 ** 15 }), /larger than/],
    ['too large together', pack(Array(101).fill(two)), /larger than/],
    ['both kinds', film({ files: [two] }), /both one length/],
    ['files as a dictionary', pack({ length: 1 }), /not a list/],
    ['no files', pack([]), /1 to 2000 files/],
    ['2001 files', pack(Array(2001).fill({ length: 0, path: ['a'] })), /1 to 2000 files/],
    ['a file that is none', pack([two, 5]), /File 1 .* no good length/],
    ['a file without a path', pack([{ length: 5 }]), /File 0 .* no name/],
    ['a file with an empty path', pack([{ length: 5, path: [] }]), /no name/],
    ['an ambiguous key', film({ ['__proto__']: 1 }), /not all programs/],
  ])('%s', (_name, info, sentence) => {
    expect(() => parse(info)).toThrow(ValidationError)
    expect(() => parse(info)).toThrow(sentence)
  })

  test('the largest torrent and 2000 files are allowed', () => {
    expect(parse(film({ length: 10_000_000, pieces: hashes(153) })).length).toBe(10_000_000)
    const files = Array.from({ length: 2000 }, (_, i) => ({ length: 1, path: [`${i}`] }))
    expect(parse(pack(files, { pieces: hashes(1) })).files).toHaveLength(2000)
  })

  test('a file that is not a torrent', () => {
    for (const text of [
      '',
      'le',
      'i1e',
      'de',
      'd4:infoi1ee',
      '<html>',
      'd4:infode',
      'ld4:infodeee',
    ]) {
      expect(() => parseMetainfo(Buffer.from(text), limits)).toThrow(ValidationError)
    }
    const large = bencode({ info: film(), z: new Uint8Array(2 * KIB * KIB) })
    expect(() => parseMetainfo(large, limits)).toThrow('at most 2 MiB')
  })

  test('damaged bytes give a torrent or a ValidationError, nothing else', () => {
    const random = seededRandom()
    const good = bencode({
      announce: 'http://a.test',
      info: pack([{ length: 9, path: ['a'] }], { pieces: hashes(1) }),
    })
    let read = 0
    for (let round = 0; round < 10_000; round++) {
      const bytes = Buffer.from(good)
      for (let i = random.below(3); i > 0; i--)
        bytes[random.below(bytes.length)] = random.below(256)
      try {
        parseMetainfo(bytes, limits)
        read++
      } catch (thrown) {
        if (!(thrown instanceof ValidationError)) {
          throw new Error(`seed ${random.seed}: ${bytes.toString('latin1')}`, { cause: thrown })
        }
      }
    }
    expect(read).toBeGreaterThan(1000)
  })
})

describe('rebuildMetainfo', () => {
  const info = bencode(film())

  test('makes a .torrent that parses back the same, with these trackers and web seeds', () => {
    const trackers = ['udp://é.test:1', 'http://b.test/']
    const webSeeds = ['https://seed.test/']
    const { infoHash, infoBytes, ...read } = parseMetainfo(
      rebuildMetainfo(info, trackers, webSeeds),
      limits,
    )
    expect(read).toMatchObject({ name: 'film.mkv', trackers, webSeeds })
    expect(infoHash).toBe(createHash('sha1').update(info).digest('hex'))
    expect(Buffer.from(infoBytes)).toEqual(info)
  })

  test('has nothing but the dictionary when there are none', () => {
    expect(Buffer.from(rebuildMetainfo(info, [], []))).toEqual(
      Buffer.concat([Buffer.from('d4:info'), info, Buffer.from('e')]),
    )
  })

  test.each([0, 100, 3000, 10_000, 50_000])(
    'with %i bytes left for many long trackers it is small enough to be read again',
    (left) => {
      const padding = MAX_METAINFO_BYTES - left - bencode(film({ x: '' })).length - 20
      const large = bencode(film({ x: 'x'.repeat(padding) }))
      const urls = (host: string): string[] =>
        Array.from({ length: 20 }, (_, n) => `http://${host}${n}.test/é`.padEnd(2000, 'x'))
      const again = rebuildMetainfo(large, urls('tracker'), urls('seed'))
      const read = parseMetainfo(again, limits)
      expect(Buffer.compare(read.infoBytes, large)).toBe(0)
      expect(read.trackers).toEqual(urls('tracker').slice(0, read.trackers.length))
      expect(read.trackers.length).toBe(Math.min(20, Math.max(0, Math.floor(left / 2020) - 1)))
    },
  )

  test.each(['', 'i1e', 'le', 'de8:url-listl9:http://x/e', 'd', 'dee'])('%j is refused', (text) => {
    expect(() => rebuildMetainfo(Buffer.from(text), [], [])).toThrow(ValidationError)
  })
})
