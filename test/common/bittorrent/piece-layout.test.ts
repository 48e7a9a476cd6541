import { describe, expect, test } from '@jest/globals'
import {
  firstPiece,
  footprint,
  type PieceLayout,
  pieceAt,
  pieceCount,
  pieceInFile,
  pieceSize,
} from '../../../common/bittorrent/piece-layout.ts'
import { seededRandom } from '../seeded-random.ts'

describe('a file in the middle of a torrent', () => {
  const layout: PieceLayout = { pieceLength: 10, torrentLength: 47, offset: 13, size: 30 }

  test('its pieces', () => {
    expect([firstPiece(layout), pieceCount(layout), pieceAt(layout, 29)]).toEqual([1, 4, 4])
    expect([pieceSize(layout, 1), pieceSize(layout, 4)]).toEqual([10, 7])
  })

  test('how they overlap it', () => {
    expect(pieceInFile(layout, 1)).toEqual({ before: 3, inside: 7, at: 0, after: 0 })
    expect(pieceInFile(layout, 2)).toEqual({ before: 0, inside: 10, at: 7, after: 0 })
    expect(pieceInFile(layout, 4)).toEqual({ before: 0, inside: 3, at: 27, after: 4 })
  })

  test('its bytes on disk', () => {
    expect([pieceSize(layout, 1), footprint(layout)]).toEqual([10, 37])
  })
})

test('a file inside one piece has other bytes on both sides', () => {
  const layout = { pieceLength: 100, torrentLength: 90, offset: 20, size: 30 }
  expect(pieceInFile(layout, 0)).toEqual({ before: 20, inside: 30, at: 0, after: 40 })
  expect([pieceCount(layout), footprint(layout)]).toEqual([1, 90])
})

test('an empty file has no pieces and takes no space', () => {
  const layout = { pieceLength: 10, torrentLength: 20, offset: 10, size: 0 }
  expect([pieceCount(layout), footprint(layout)]).toEqual([0, 0])
})

test('the pieces of any file cover it once, in order, and add up to its footprint', () => {
  const random = seededRandom()
  for (let round = 0; round < 300; round++) {
    const offset = random.below(100)
    const size = 1 + random.below(100)
    const torrentLength = offset + size + random.below(100)
    const layout = { pieceLength: 1 + random.below(40), torrentLength, offset, size }
    let at = 0
    let kept = 0
    const first = firstPiece(layout)
    for (let piece = first; piece < first + pieceCount(layout); piece++) {
      const part = pieceInFile(layout, piece)
      expect({ ...part, seed: random.seed }).toMatchObject({ at, seed: random.seed })
      expect(part.before + part.inside + part.after).toBe(pieceSize(layout, piece))
      expect(part.inside).toBeGreaterThan(0)
      expect([pieceAt(layout, at), pieceAt(layout, at + part.inside - 1)]).toEqual([piece, piece])
      at += part.inside
      kept += pieceSize(layout, piece)
    }
    expect([at, kept]).toEqual([size, footprint(layout)])
  }
})
