import { createHash } from 'node:crypto'
import { describe, expect, test } from '@jest/globals'
import { MAX_TRACKERS } from '../../../common/bittorrent/magnet.ts'
import {
  MAX_INFO_BYTES,
  parseMetainfo,
  parseMetainfoInParts,
  rebuildMetainfo,
} from '../../../common/bittorrent/metainfo.ts'
import { ValidationError } from '../../../common/bittorrent/validation-error.ts'
import { type Bencodable, bencode } from '../../support/bencode.ts'
import { ticksWhile } from '../../support/wait.ts'
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

  test('the info hash is of the exact bytes, with unsorted keys; of two the first counts, as in libtorrent', () => {
    const [name, size, pieces] = [bencode('x'), bencode(100_000), bencode(hashes(2))]
    const info = Buffer.concat([
      Buffer.from('d6:pieces'),
      pieces,
      Buffer.from('6:length'),
      size,
      Buffer.from('6:lengthi5e4:name'),
      name,
      Buffer.from('12:piece lengthi65536ee'),
    ])
    const file = Buffer.concat([Buffer.from('d4:info'), info, Buffer.from('4:infoi1ee')])
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

  test('keeps valid trackers and web seeds, each once, at most 100 and 20', () => {
    const many = Array.from({ length: 120 }, (_, i) => `http://t${i}.test/`)
    const read = parse(film(), {
      announce: 'udp://first.test:1',
      'announce-list': [['udp://first.test:1', 'http://u:p@b.test'], 5, ['file:///x', 7], many],
      'url-list': 'https://seed.test/',
    })
    expect(read.trackers).toEqual(['udp://first.test:1', ...many.slice(0, 99)])
    expect(read.webSeeds).toEqual(['https://seed.test/'])
    const seeds = parse(film(), { 'url-list': ['udp://x.test:1', ...many], announce: 3 })
    expect([seeds.webSeeds, seeds.trackers]).toEqual([many.slice(0, 20), []])
    expect(parse(film(), { 'url-list': '', 'announce-list': 1 }).webSeeds).toEqual([])
  })

  test('hybrid torrents are read as v1', () => {
    expect(parse(film({ 'meta version': 2, 'file tree': {} })).length).toBe(100_000)
  })
})

describe('shapes that are rare, and good', () => {
  test.each([1024, 8 * KIB, 320 * KIB, 100_001, 32 * KIB * KIB, 64 * KIB * KIB, 128 * KIB * KIB])(
    'pieces of %i bytes',
    (pieceLength) => {
      const length = 300_000
      const pieces = hashes(Math.ceil(length / pieceLength))
      const read = parse(film({ length, pieces, 'piece length': pieceLength }))
      expect([read.pieceLength, read.length]).toEqual([pieceLength, length])
    },
  )

  test('keys that are no UTF-8, unknown or of the prototype of an object', () => {
    const odd = [Buffer.from('2:'), Buffer.of(0xff, 0xfe), Buffer.from('i1e')]
    const info = Buffer.concat([
      bencode(
        film({ ['__proto__']: { length: 5 }, '\ufefflength': 7, info: { length: 5 } }),
      ).subarray(0, -1),
      ...odd,
      Buffer.from('e'),
    ])
    const file = Buffer.concat([Buffer.from('d4:info'), info, Buffer.from('e')])
    const read = parseMetainfo(file, limits)
    expect(read.infoHash).toBe(createHash('sha1').update(info).digest('hex'))
    expect([read.name, read.length]).toEqual(['film.mkv', 100_000])
  })

  test('anything behind the file, and dates with a point or in nanoseconds', () => {
    const good = bencode({ 'creation date': 1, info: film() }).toString('latin1')
    const { infoHash } = parse(film())
    for (const behind of ['\n', '\r\n', '\r\n\r\n', ' \t\n', '\0', '\x1a', '\n<!-- 3 ms -->']) {
      for (const date of ['1700000000.123456', '1700000000000000000']) {
        const file = good.replace('i1e', `i${date}e`) + behind
        expect(parseMetainfo(Buffer.from(file, 'latin1'), limits).infoHash).toBe(infoHash)
      }
    }
  })

  test('metainfo of ten MiB', () => {
    const pieceLength = 1024
    const pieces = hashes(500_000)
    const info = film({ pieces, length: 500_000 * pieceLength, 'piece length': pieceLength })
    expect(parseMetainfo(bencode({ info }), { maxLength: 10 ** 9 }).pieces).toHaveLength(10_000_000)
  })

  test.each([1, 2, -1, '1', 'true'])('a private torrent is told: %j', (value) => {
    expect(parse(film({ private: value })).isPrivate).toBe(true)
  })

  test.each([undefined, 0, '', '0', [1]])('and one that is not: %j', (value) => {
    expect(parse(film({ private: value })).isPrivate).toBe(false)
  })

  test('beside a list of files one length says nothing', () => {
    const files = [{ length: 100_000, path: ['a.mkv'] }]
    expect(parse(film({ length: 5, files })).files).toEqual([
      { path: 'a.mkv', size: 100_000, offset: 0 },
    ])
  })

  test('padding files without a name', () => {
    const { files } = parse(
      pack([
        { length: 60_000, path: ['a.mkv'] },
        { length: 5536, attr: 'p' },
        { length: 34_464, path: [], attr: 'xp' },
      ]),
    )
    expect(files.map(({ path }) => path)).toEqual(['a.mkv', '.pad/5536', '.pad/34464'])
  })

  test('names and paths in UTF-8 that are empty do not count', () => {
    const better = { 'path.utf-8': [] }
    const read = parse(
      pack([{ length: 100_000, path: ['a.mkv'], ...better }], { 'name.utf-8': '' }),
    )
    expect([read.name, read.files[0]?.path]).toEqual(['film.mkv', 'a.mkv'])
  })

  test('what is no letter in front of a name does not take its place', () => {
    const names = [' '.repeat(400), '\u200b'.repeat(310)].map((front) => `${front}Film.2020.mkv`)
    for (const name of names) expect(parse(film({ name })).name).toBe('Film.2020.mkv')
  })

  test('of long names the end stays, which says what a file is', () => {
    const endOf = (text: string | undefined): readonly unknown[] => [text?.length, text?.slice(-6)]
    const long = (char: string): string => `${char.repeat(2000)}.mkv`
    expect(endOf(parse(film({ name: long('x') })).files[0]?.path)).toEqual([300, 'xx.mkv'])
    expect(endOf(parse(film({ name: long('字') })).files[0]?.path)).toEqual([300, '字字.mkv'])
    const deep = { length: 100_000, path: [...Array(20).fill('y'.repeat(100)), long('z')] }
    expect(endOf(parse(pack([deep])).files[0]?.path)).toEqual([1000, 'yy.mkv'])
    const pairs = parse(film({ name: long('😀') })).files[0]?.path
    expect([pairs?.isWellFormed(), pairs?.slice(-4)]).toEqual([true, '.mkv'])
  })
})

describe('refused with a sentence', () => {
  const two = { length: 100_000, path: ['a'] }
  test.each<[string, Fields, RegExp]>([
    ['no hashes', film({ pieces: undefined }), /no piece hashes/],
    ['too few hashes', film({ pieces: hashes(1) }), /number of piece hashes/],
    ['too many hashes', film({ pieces: hashes(3) }), /number of piece hashes/],
    ['half a hash', film({ pieces: new Uint8Array(39) }), /number of piece hashes/],
    ['no piece length', film({ 'piece length': undefined }), /piece length/],
    ['tiny pieces', film({ 'piece length': 1023 }), /piece length/],
    ['huge pieces', film({ 'piece length': 128 * KIB * KIB + 1 }), /piece length/],
    ['pieces of 2^33', film({ 'piece length': 2 ** 33 }), /piece length/],
    ['negative pieces', film({ 'piece length': -65_536 }), /piece length/],
    ['empty', film({ length: 0, pieces: hashes(0) }), /is empty/],
    ['negative length', film({ length: -1 }), /File 0 .* no good length/],
    ['no length', film({ length: undefined }), /no good length/],
    ['length as text', film({ length: '5' }), /no good length/],
    ['too large', film({ length: 10_000_001, pieces: hashes(153) }), /larger than/],
    ['10^15 bytes', film({ length: 10 ** 15 }), /larger than/],
    ['too large together', pack(Array(101).fill(two)), /larger than/],
    ['files as a dictionary', pack({ length: 1 }), /not a list/],
    ['no files', pack([]), /1 to 20000 files/],
    ['20001 files', pack(Array(20_001).fill({ length: 0, path: ['a'] })), /1 to 20000 files/],
    ['400,000 values', pack(Array(20_000).fill(Array(20).fill(1))), /too many values/],
    ['a file that is none', pack([two, 5]), /File 1 .* no good length/],
    ['a file without a path', pack([{ length: 5 }]), /File 0 .* no name/],
    ['a file with an empty path', pack([{ length: 5, path: [] }]), /no name/],
  ])('%s', (_name, info, sentence) => {
    expect(() => parse(info)).toThrow(ValidationError)
    expect(() => parse(info)).toThrow(sentence)
  })

  test('the largest torrent and 10,000 files are allowed', () => {
    expect(parse(film({ length: 10_000_000, pieces: hashes(153) })).length).toBe(10_000_000)
    const files = Array.from({ length: 10_000 }, (_, i) => ({ length: 1, path: [`${i}`] }))
    expect(parse(pack(files, { pieces: hashes(1) })).files).toHaveLength(10_000)
  })

  test('in turns it is the same, and others have theirs', async () => {
    const files = Array.from({ length: 10_000 }, (_, n) => ({ length: 5, path: ['a', `${n}.mkv`] }))
    const bytes = bencode({ info: pack(files, { pieces: hashes(1) }) })
    const { ticks, result } = await ticksWhile(() => parseMetainfoInParts(bytes, limits))
    expect(result).toEqual(parseMetainfo(bytes, limits))
    // The one in which it begins, and at least two more.
    expect(ticks).toBeGreaterThan(2)
    await expect(parseMetainfoInParts(bytes.subarray(1), limits)).rejects.toThrow(ValidationError)
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
    const large = bencode({ info: film(), z: new Uint8Array(12 * KIB * KIB) })
    expect(() => parseMetainfo(large, limits)).toThrow('at most 12 MiB')
    const largeInfo = bencode({ info: film({ z: new Uint8Array(10 * KIB * KIB) }) })
    expect(() => parseMetainfo(largeInfo, limits)).toThrow('at most 10 MiB')
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
      rebuildMetainfo({ infoBytes: info }, trackers, webSeeds),
      limits,
    )
    expect(read).toMatchObject({ name: 'film.mkv', trackers, webSeeds })
    expect(infoHash).toBe(createHash('sha1').update(info).digest('hex'))
    expect(Buffer.from(infoBytes)).toEqual(info)
  })

  test('has nothing but the dictionary when there are none', () => {
    expect(Buffer.from(rebuildMetainfo({ infoBytes: info }, [], []))).toEqual(
      Buffer.concat([Buffer.from('d4:info'), info, Buffer.from('e')]),
    )
  })

  test.each([1, 20, 600, 2000])(
    'beside the largest info dictionary with %i long trackers it is small enough to be read again',
    (count) => {
      const around =
        bencode(film({ x: 'x'.repeat(MAX_INFO_BYTES / 2) })).length - MAX_INFO_BYTES / 2
      const large = bencode(film({ x: 'x'.repeat(MAX_INFO_BYTES - around - 1) }))
      const urls = (host: string): string[] =>
        Array.from({ length: count }, (_, n) => `http://${host}${n}.test/é`.padEnd(2000, 'x'))
      const again = rebuildMetainfo({ infoBytes: large }, urls('tracker'), urls('seed'))
      const read = parseMetainfo(again, limits)
      expect(Buffer.compare(read.infoBytes, large)).toBe(0)
      expect(read.trackers).toEqual(urls('tracker').slice(0, MAX_TRACKERS))
    },
  )
})
