import { createHash } from 'node:crypto'
import { expect } from '@jest/globals'
import fc from 'fast-check'
import { type Bencoded, decodeBencode } from '../../common/bittorrent/bencode.ts'
import { type Metainfo, parseMetainfo, rebuildMetainfo } from '../../common/bittorrent/metainfo.ts'
import { countOfPieces } from '../../common/bittorrent/piece-hash.ts'
import { ValidationError } from '../../common/bittorrent/validation-error.ts'
import { webSeedFiles } from '../../torrent/engine/webseed/web-seed-files.ts'
import { bencode } from '../support/bencode.ts'
import { bombs } from '../support/bombs.ts'
import { buildTorrent } from '../support/swarm/torrent.ts'
import { v2Torrent } from '../support/swarm/v2-metainfo.ts'
import { anyBytes, isClean, mutatedBytes, pumpOf, textOf } from './arbitraries.ts'
import { fuzz } from './fuzz.ts'
import { worseThanLinear } from './growth.ts'

const WORDS = [
  'i',
  'e',
  'l',
  'd',
  '1:',
  '4:info',
  '6:lengthi',
  '5:filesl',
  '4:pathl',
  '0:',
  '-',
  '9:__proto__',
  '.5',
  '\n',
]
const MAX_LENGTH = 10_000_000
const film = buildTorrent({ name: 'film.mkv', size: 100_000 })
const pack = buildTorrent({ name: 'pack', files: { 'a/b.mkv': 70_000, 'c.srt': 10 } })
const torrents = [
  film.torrent({ announce: 'http://t.example/announce', webSeeds: ['http://w.example/'] }),
  pack.torrent(),
  bencode({ info: decodable(bombs.crooked({})) }),
  v2Torrent('v2', 16_384, { 'a.mkv': Buffer.alloc(50_000, 1), 'b.srt': Buffer.alloc(9, 2) })
    .torrent,
]

/** A bomb's bytes as something to encode again. */
function decodable(bytes: Buffer): Uint8Array {
  return bytes
}

function attempt<T>(work: () => T): T | undefined {
  try {
    return work()
  } catch (error) {
    if (error instanceof ValidationError) return undefined
    throw error
  }
}

/** Encodes in the order of the map, keys as the latin1 that they are read as. */
function encode(value: Bencoded): Buffer {
  if (typeof value === 'number') return Buffer.from(`i${value}e`)
  if (value instanceof Uint8Array) return Buffer.concat([Buffer.from(`${value.length}:`), value])
  const parts =
    value instanceof Map
      ? [...value].flatMap(([key, inner]) => [encode(Buffer.from(key, 'latin1')), encode(inner)])
      : (value as readonly Bencoded[]).map(encode)
  return Buffer.concat([Buffer.from(value instanceof Map ? 'd' : 'l'), ...parts, Buffer.from('e')])
}

const hostile = fc.oneof(
  anyBytes,
  mutatedBytes(torrents),
  textOf(WORDS).map((text) => Buffer.from(text)),
)
const values = fc.letrec<{ value: Bencoded }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.maxSafeInteger().map((n) => n + 0),
    fc.uint8Array({ maxLength: 20 }).map((bytes) => Buffer.from(bytes)),
    fc.array(tie('value'), { maxLength: 4 }),
    fc
      .array(fc.tuple(fc.stringMatching(/^[\x20-\x7e]{0,8}$/), tie('value')), { maxLength: 4 })
      .map((entries) => new Map(entries.filter(([key]) => key !== '__proto__'))),
  ),
})).value

fuzz(
  'bencode: what was encoded is read, and encodes to the same bytes',
  fc.property(values, (value) => {
    const bytes = encode(value)
    const read = decodeBencode(bytes)
    expect(encode(read.value).equals(bytes)).toBe(true)
    for (const [key, span] of read.spans) {
      expect(encode((read.value as Map<string, Bencoded>).get(key) ?? 0).equals(span)).toBe(true)
    }
  }),
)

fuzz(
  'bencode: any bytes are one value, which is read the same again, or a ValidationError',
  fc.property(hostile, (bytes) => {
    const read = attempt(() => decodeBencode(bytes))
    if (!read) return
    const again = encode(read.value)
    expect(again.length).toBeLessThanOrEqual(bytes.length)
    expect(decodeBencode(again).value).toEqual(read.value)
    expect(attempt(() => decodeBencode(Buffer.concat([bytes, Buffer.from('e')])))).toBeUndefined()
  }),
)

function expectWithinLimits(torrent: Metainfo): void {
  const { files, length, pieceLength, infoBytes, infoHash, version } = torrent
  const sum = files.reduce((all, file) => all + file.size, 0)
  expect(files.length).toBeGreaterThan(0)
  expect(files.length).toBeLessThanOrEqual(20_000)
  expect(sum).toBeLessThanOrEqual(MAX_LENGTH)
  if (version === 1) expect(sum).toBe(length)
  expect(pieceLength).toBeGreaterThanOrEqual(1024)
  expect(countOfPieces(torrent)).toBe(Math.ceil(length / pieceLength))
  const hash = createHash(version === 1 ? 'sha1' : 'sha256').update(infoBytes)
  expect(hash.digest('hex').slice(0, 40)).toBe(infoHash)
  for (const text of [torrent.name, ...files.map(({ path }) => path)]) {
    expect(isClean(text)).toBe(true)
    expect(text.split('/').filter((part) => /^\.{0,2}$/.test(part))).toEqual([])
  }
  expectOnServer(torrent)
}

/** A web server has the same files at the same places, each below the seed's folder or nowhere. */
function expectOnServer(torrent: Metainfo): void {
  const folder = 'http://w.example/d/'
  const all = webSeedFiles(torrent, folder)
  const named = torrent.version === 1 ? all : all.filter(({ padding }) => !padding)
  const places = torrent.files.map(({ offset, size }) => [offset, size])
  expect(named.map(({ start, size }) => [start, size])).toEqual(places)
  for (const { url } of named) if (url) expect(new URL(url).href.startsWith(folder)).toBe(true)
}

fuzz(
  'metainfo: any bytes are a torrent within its limits, which is rebuilt the same, or a ValidationError',
  fc.property(hostile, (bytes) => {
    const torrent = attempt(() => parseMetainfo(bytes, { maxLength: MAX_LENGTH }))
    if (!torrent) return
    expectWithinLimits(torrent)
    const again = rebuildMetainfo(torrent, torrent.trackers, torrent.webSeeds)
    expect(parseMetainfo(again, { maxLength: MAX_LENGTH })).toEqual(torrent)
  }),
)

fuzz(
  'bencode: time grows with the length',
  fc.asyncProperty(pumpOf(WORDS), async (pump) => {
    const read = (text: string): unknown => attempt(() => decodeBencode(Buffer.from(text)))
    expect(await worseThanLinear(read, pump)).toBeUndefined()
  }),
  1,
)
