import { describe, expect, test } from '@jest/globals'
import { createAssembly } from '../../../../torrent/engine/storage/assembly.ts'

const PIECE = 64
const sizeOf = (piece: number): number => (piece === 9 ? 10 : PIECE)
const bytes = (value: number, length: number): Buffer => Buffer.alloc(length, value)

describe('createAssembly', () => {
  test('blocks in any order become the piece', () => {
    const assembly = createAssembly(sizeOf, PIECE)
    assembly.put({ piece: 1, offset: 32, length: 32 }, bytes(2, 32))
    assembly.put({ piece: 1, offset: 0, length: 32 }, bytes(1, 32))
    expect(Buffer.concat([bytes(1, 32), bytes(2, 32)]).equals(assembly.bytes(1))).toBe(true)
  })

  test('the last piece is short though its buffer is not', () => {
    const assembly = createAssembly(sizeOf, PIECE)
    assembly.put({ piece: 9, offset: 0, length: 10 }, bytes(3, 10))
    expect(assembly.bytes(9).length).toBe(10)
  })

  test('pieces being put together share no memory', () => {
    const assembly = createAssembly(sizeOf, PIECE)
    for (const piece of [1, 2, 3]) {
      assembly.put({ piece, offset: 0, length: PIECE }, bytes(piece, PIECE))
    }
    for (const piece of [1, 2, 3]) expect(assembly.bytes(piece)).toEqual(bytes(piece, PIECE))
  })

  test('keeps its own copy: the wire may use its bytes again', () => {
    const assembly = createAssembly(sizeOf, PIECE)
    const wire = bytes(5, PIECE)
    assembly.put({ piece: 1, offset: 0, length: PIECE }, wire)
    wire.fill(0)
    expect(assembly.bytes(1)).toEqual(bytes(5, PIECE))
  })

  test('buffers are used again once given back, and given back only once', () => {
    const assembly = createAssembly(sizeOf, PIECE)
    assembly.put({ piece: 1, offset: 0, length: PIECE }, bytes(1, PIECE))
    const first = assembly.bytes(1).buffer
    assembly.giveBack(1)
    assembly.giveBack(1)
    expect(assembly.bytes(2).buffer).toBe(first)
    expect(assembly.bytes(3).buffer).not.toBe(first)
  })

  test('keeps 16 MiB of spare buffers at most, two of the largest', () => {
    const length = 16 << 20
    const assembly = createAssembly(() => length, length)
    const before = [1, 2, 3].map((piece) => assembly.bytes(piece).buffer)
    for (const piece of [1, 2, 3]) assembly.giveBack(piece)
    const after = [4, 5, 6].map((piece) => assembly.bytes(piece).buffer)
    expect(after.filter((buffer) => before.includes(buffer)).length).toBe(2)
  })
})
