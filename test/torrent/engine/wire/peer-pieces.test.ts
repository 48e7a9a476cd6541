import { describe, expect, test } from '@jest/globals'
import { PeerPieces } from '../../../../torrent/engine/wire/peer-pieces.ts'

const has = (pieces: PeerPieces, count = 12): number[] =>
  Array.from({ length: count }, (_, i) => i).filter((i) => pieces.has(i))

describe('before the number of pieces is known', () => {
  test('a bitfield and have messages are kept and count afterwards', () => {
    const pieces = new PeerPieces()
    const lent = Buffer.from([0b1000_0000, 0b0001_0000])
    expect(pieces.bitfield(lent)).toBe(true)
    lent.fill(0xff)
    expect(pieces.have(5)).toBe(false)
    expect(pieces.have(4_000_000_000)).toBe(false)
    expect(has(pieces)).toEqual([])
    expect(pieces.setPieceCount(12)).toBe(true)
    expect(has(pieces)).toEqual([0, 5, 11])
  })

  test('a bitfield of another length is invalid', () => {
    for (const length of [0, 1, 3]) {
      const pieces = new PeerPieces()
      expect(pieces.bitfield(Buffer.alloc(length))).toBe(true)
      expect(pieces.setPieceCount(12)).toBe(false)
    }
  })

  test('without messages it has nothing, and a second setPieceCount changes nothing', () => {
    const pieces = new PeerPieces()
    expect(pieces.setPieceCount(12)).toBe(true)
    pieces.have(3)
    expect(pieces.setPieceCount(12)).toBe(true)
    expect(has(pieces)).toEqual([3])
  })

  test('ten thousand have messages are kept, not more', () => {
    const pieces = new PeerPieces()
    for (let i = 0; i < 20_000; i++) pieces.have(i)
    pieces.setPieceCount(20_000)
    expect([pieces.has(9999), pieces.has(10_000)]).toEqual([true, false])
  })
})

describe('when the number of pieces is known', () => {
  test('a piece is new once; one that does not exist never', () => {
    const pieces = new PeerPieces()
    pieces.setPieceCount(12)
    expect([3, 3, 12, 4_000_000_000].map((piece) => pieces.have(piece))).toEqual([
      ...[true, false, false, false],
    ])
  })

  test('a bitfield replaces what was known, unless it has another length', () => {
    const pieces = new PeerPieces()
    pieces.setPieceCount(12)
    pieces.have(3)
    expect(pieces.bitfield(Buffer.from([0x80]))).toBe(false)
    expect(pieces.bitfield(Buffer.from([0x80, 0]))).toBe(true)
    expect(has(pieces)).toEqual([0])
  })

  test('after have-all nothing is new', () => {
    const pieces = new PeerPieces()
    pieces.haveAll()
    expect(pieces.have(1)).toBe(false)
    expect(has(pieces)).toHaveLength(12)
  })
})
