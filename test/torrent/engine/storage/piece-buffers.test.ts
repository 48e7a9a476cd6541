import { describe, expect, test } from '@jest/globals'
import { PieceBuffers } from '../../../../torrent/engine/storage/piece-buffers.ts'

const PIECE = 64
const sizeOf = (piece: number): number => (piece === 9 ? 10 : PIECE)
const bytes = (value: number, length: number): Buffer => Buffer.alloc(length, value)

describe('PieceBuffers', () => {
  test('blocks in any order become the piece', () => {
    const buffers = new PieceBuffers(sizeOf, PIECE)
    buffers.write({ piece: 1, offset: 32, length: 32 }, bytes(2, 32))
    buffers.write({ piece: 1, offset: 0, length: 32 }, bytes(1, 32))
    expect(Buffer.concat([bytes(1, 32), bytes(2, 32)]).equals(buffers.bytes(1))).toBe(true)
  })

  test('the last piece is short though its buffer is not', () => {
    const buffers = new PieceBuffers(sizeOf, PIECE)
    buffers.write({ piece: 9, offset: 0, length: 10 }, bytes(3, 10))
    expect(buffers.bytes(9).length).toBe(10)
  })

  test('pieces in progress share no memory', () => {
    const buffers = new PieceBuffers(sizeOf, PIECE)
    for (const piece of [1, 2, 3]) {
      buffers.write({ piece, offset: 0, length: PIECE }, bytes(piece, PIECE))
    }
    for (const piece of [1, 2, 3]) expect(buffers.bytes(piece)).toEqual(bytes(piece, PIECE))
  })

  test('keeps its own copy: the wire may use its bytes again', () => {
    const buffers = new PieceBuffers(sizeOf, PIECE)
    const wire = bytes(5, PIECE)
    buffers.write({ piece: 1, offset: 0, length: PIECE }, wire)
    wire.fill(0)
    expect(buffers.bytes(1)).toEqual(bytes(5, PIECE))
  })

  test('buffers are reused once recycled, and recycled only once', () => {
    const buffers = new PieceBuffers(sizeOf, PIECE)
    buffers.write({ piece: 1, offset: 0, length: PIECE }, bytes(1, PIECE))
    const first = buffers.bytes(1).buffer
    buffers.recycle(1)
    buffers.recycle(1)
    expect(buffers.bytes(2).buffer).toBe(first)
    expect(buffers.bytes(3).buffer).not.toBe(first)
  })

  test('keeps 16 MiB of spare buffers at most, two of the largest', () => {
    const length = 16 << 20
    const buffers = new PieceBuffers(() => length, length)
    const before = [1, 2, 3].map((piece) => buffers.bytes(piece).buffer)
    for (const piece of [1, 2, 3]) buffers.recycle(piece)
    const after = [4, 5, 6].map((piece) => buffers.bytes(piece).buffer)
    expect(after.filter((buffer) => before.includes(buffer)).length).toBe(2)
  })

  test('spare buffers are kept within the limit, and freed when it falls', () => {
    const state = { limit: 2 }
    const buffers = new PieceBuffers(sizeOf, PIECE, () => state.limit)
    const bufferOf = (piece: number): ArrayBufferLike => buffers.bytes(piece).buffer
    const used = [bufferOf(1), bufferOf(2), bufferOf(3)]
    buffers.recycle(1) // two others are in use
    expect(used).not.toContain(bufferOf(4))
    for (const piece of [2, 3, 4]) buffers.recycle(piece)
    expect(used).toContain(bufferOf(5))
    buffers.recycle(5)
    state.limit = 0
    buffers.trim()
    expect(used).not.toContain(bufferOf(6))
  })
})
