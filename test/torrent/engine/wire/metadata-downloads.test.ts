import { describe, expect, test } from '@jest/globals'
import {
  type MetadataDownload,
  MetadataDownloads,
} from '../../../../torrent/engine/wire/metadata-downloads.ts'
import { payload, sha1 } from '../../../support/swarm/payload.ts'

const PIECE = 16 * 1024
const info = payload('info', 2 * PIECE + 100)
const infoHash = sha1(info).toString('hex')
const part = (n: number, of = info): Buffer => of.subarray(n * PIECE, (n + 1) * PIECE)

function begin(size = info.length, room = new MetadataDownloads(infoHash)): MetadataDownload {
  const exchange = room.start(size, () => {})
  if (!exchange) throw new Error('refused')
  return exchange
}

describe('the download from one peer', () => {
  test('is whole when every piece came, in any order, and the hash matches', () => {
    const exchange = begin()
    expect(exchange.pieces).toEqual([0, 1, 2])
    expect(exchange.add(2, part(2))).toEqual({})
    expect(exchange.add(0, part(0))).toEqual({})
    expect(exchange.add(1, part(1)).whole?.equals(info)).toBe(true)
  })

  test('is wrong when the hash does not match', () => {
    const exchange = begin()
    const lie = Buffer.from(info)
    lie[17] = (lie[17] ?? 0) ^ 1
    for (const n of [0, 1]) exchange.add(n, part(n, lie))
    expect(exchange.add(2, part(2, lie))).toEqual({ wrong: true })
  })

  test('ignores a piece that is short, long, sent twice or unknown', () => {
    const exchange = begin()
    exchange.add(0, part(0))
    exchange.add(1, part(1))
    for (const [piece, bytes] of [
      [2, part(2).subarray(1)],
      [2, payload('long', 101)],
      [0, payload('lie', PIECE)],
      [3, Buffer.alloc(0)],
      [2 ** 40, part(2)],
    ] as const) {
      expect(exchange.add(piece, bytes)).toEqual({})
    }
    expect(exchange.add(2, part(2)).whole?.equals(info)).toBe(true)
  })

  test('copies the bytes, for the caller’s buffer is used again', () => {
    const exchange = begin()
    for (const n of [0, 1]) {
      const lent = Buffer.from(part(n))
      exchange.add(n, lent)
      lent.fill(0)
    }
    expect(exchange.add(2, part(2)).whole?.equals(info)).toBe(true)
  })

  test('a size of whole pieces has no short piece at the end', () => {
    const even = payload('even', 2 * PIECE)
    const exchange = begin(even.length, new MetadataDownloads(sha1(even).toString('hex')))
    exchange.add(0, part(0, even))
    expect(exchange.add(2, Buffer.alloc(0))).toEqual({})
    expect(exchange.add(1, part(1, even)).whole?.equals(even)).toBe(true)
  })

  test('ignores everything after its end', () => {
    const exchange = begin()
    for (const n of [0, 1]) exchange.add(n, part(n))
    exchange.end()
    expect(exchange.add(2, part(2))).toEqual({})
  })
})

describe('all downloads of a torrent', () => {
  test('a size that no torrent may have is refused', () => {
    const room = new MetadataDownloads(infoHash)
    expect(room.start((10 << 20) + 1, () => {})).toBe(undefined)
    expect(room.start(10 << 20, () => {})).toBeDefined()
  })

  test('share a limit: the largest one is dropped, an honest one stays', () => {
    const room = new MetadataDownloads(infoHash, 6 * PIECE)
    const gone: string[] = []
    const large = room.start(5 * PIECE, () => void gone.push('large'))
    const small = room.start(info.length, () => void gone.push('small'))
    const junk = payload('junk', PIECE)
    for (const n of [0, 1, 2, 3]) large?.add(n, junk)
    for (const n of [0, 1]) small?.add(n, part(n))
    expect(gone).toEqual([])
    expect(small?.add(2, part(2)).whole?.equals(info)).toBe(true)
    expect(gone).toEqual(['large'])
    expect(large?.add(4, junk)).toEqual({})
  })

  test('count only while they run', () => {
    const room = new MetadataDownloads(infoHash, 3 * PIECE)
    let gone = 0
    for (let round = 0; round < 5; round++) {
      const copy = room.start(info.length, () => void gone++)
      for (const n of [0, 1]) copy?.add(n, part(n))
      if (round % 2) copy?.end()
      else copy?.add(2, part(2))
    }
    expect(gone).toBe(0)
  })
})
