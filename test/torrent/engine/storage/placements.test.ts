import { describe, expect, test } from '@jest/globals'
import { BLOCK } from '../../../../torrent/engine/blocks/block.ts'
import { PieceBuffers } from '../../../../torrent/engine/storage/piece-buffers.ts'

/** Blocks that arrive bit by bit, straight in their piece (PieceBuffers.place). */

const PIECE = 4 * BLOCK
const make = (): PieceBuffers => new PieceBuffers(() => PIECE, PIECE)
const block = (index: number, piece = 0) => ({ piece, offset: index * BLOCK, length: BLOCK })
const filled = (value: number): Buffer => Buffer.alloc(BLOCK, value)
const at = (buffers: PieceBuffers, index: number): Buffer =>
  Buffer.from(buffers.bytes(0).subarray(index * BLOCK, (index + 1) * BLOCK))

describe('one writer', () => {
  test('writes straight into the piece', () => {
    const buffers = make()
    const placement = buffers.place(block(2))
    placement.target?.fill(7)
    buffers.commit(block(2), placement)
    expect(at(buffers, 2)).toEqual(filled(7))
    expect(placement.target?.buffer).toBe(buffers.bytes(0).buffer)
  })

  test('that gives up leaves the place to the next', () => {
    const buffers = make()
    const first = buffers.place(block(2))
    first.target?.fill(1, 0, 100)
    buffers.discard(block(2), first)
    expect(first.target).toBe(undefined)
    const second = buffers.place(block(2))
    expect(second.target?.buffer).toBe(buffers.bytes(0).buffer)
    second.target?.fill(2)
    buffers.commit(block(2), second)
    expect(at(buffers, 2)).toEqual(filled(2))
  })
})

describe('two writers of one block', () => {
  const two = () => {
    const buffers = make()
    const first = buffers.place(block(1))
    const second = buffers.place(block(1))
    first.target?.fill(1, 0, 5000)
    second.target?.fill(2)
    return { buffers, first, second }
  }

  test('do not write into one place', () => {
    const { buffers, second } = two()
    expect(second.target?.buffer).not.toBe(buffers.bytes(0).buffer)
  })

  test('the first is whole first: the second’s bytes go nowhere', () => {
    const { buffers, first, second } = two()
    first.target?.fill(1)
    buffers.commit(block(1), first)
    buffers.discard(block(1), second)
    expect(second.target).toBe(undefined)
    expect(at(buffers, 1)).toEqual(filled(1))
  })

  test('the second is whole first: the first may write no more', () => {
    const { buffers, first, second } = two()
    buffers.commit(block(1), second)
    expect(first.target).toBe(undefined)
    expect(at(buffers, 1)).toEqual(filled(2))
    buffers.discard(block(1), first)
    expect(at(buffers, 1)).toEqual(filled(2))
  })

  test('the first gives up: a third writes in place, the second still counts', () => {
    const { buffers, first, second } = two()
    buffers.discard(block(1), first)
    const third = buffers.place(block(1))
    expect(third.target?.buffer).toBe(buffers.bytes(0).buffer)
    buffers.commit(block(1), second)
    expect(third.target).toBe(undefined)
    expect(at(buffers, 1)).toEqual(filled(2))
  })

  test('bytes that came otherwise end them both', () => {
    const { buffers, first, second } = two()
    buffers.write(block(1), filled(9))
    expect(first.target).toBe(undefined)
    buffers.discard(block(1), second)
    expect(at(buffers, 1)).toEqual(filled(9))
  })
})

describe('a piece that is taken away', () => {
  test('given back while somebody writes: the buffer’s next piece is not touched', () => {
    const buffers = make()
    const late = buffers.place(block(3))
    const { buffer } = buffers.bytes(0)
    buffers.recycle(0)
    expect(late.target).toBe(undefined)
    buffers.write({ piece: 5, offset: 3 * BLOCK, length: BLOCK }, filled(5))
    expect(buffers.bytes(5).buffer).toBe(buffer)
    buffers.discard(block(3), late)
    expect(buffers.bytes(5).subarray(3 * BLOCK)).toEqual(new Uint8Array(filled(5)))
  })

  test('a whole piece at once (web seed): no late writer goes on in any of its blocks', () => {
    const buffers = make()
    const late = [0, 1, 3].map((index) => buffers.place(block(index)))
    buffers.write({ piece: 0, offset: 0, length: PIECE }, Buffer.alloc(PIECE, 4))
    for (const placement of late) placement.target?.fill(0xee)
    expect(Buffer.from(buffers.bytes(0)).equals(Buffer.alloc(PIECE, 4))).toBe(true)
  })
})
