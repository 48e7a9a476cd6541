import { describe, expect, test } from '@jest/globals'
import { BLOCK } from '../../../../torrent/engine/blocks/block.ts'
import { type Assembly, createAssembly } from '../../../../torrent/engine/storage/assembly.ts'

/** Blocks that arrive bit by bit, straight in their piece (Assembly.place). */

const PIECE = 4 * BLOCK
const make = (): Assembly => createAssembly(() => PIECE, PIECE)
const block = (index: number, piece = 0) => ({ piece, offset: index * BLOCK, length: BLOCK })
const filled = (value: number): Buffer => Buffer.alloc(BLOCK, value)
const at = (assembly: Assembly, index: number): Buffer =>
  Buffer.from(assembly.bytes(0).subarray(index * BLOCK, (index + 1) * BLOCK))

describe('one writer', () => {
  test('writes straight into the piece', () => {
    const assembly = make()
    const placement = assembly.place(block(2))
    placement.target?.fill(7)
    assembly.settle(block(2), placement)
    expect(at(assembly, 2)).toEqual(filled(7))
    expect(placement.target?.buffer).toBe(assembly.bytes(0).buffer)
  })

  test('that gives up leaves the place to the next', () => {
    const assembly = make()
    const first = assembly.place(block(2))
    first.target?.fill(1, 0, 100)
    assembly.release(block(2), first)
    expect(first.target).toBe(undefined)
    const second = assembly.place(block(2))
    expect(second.target?.buffer).toBe(assembly.bytes(0).buffer)
    second.target?.fill(2)
    assembly.settle(block(2), second)
    expect(at(assembly, 2)).toEqual(filled(2))
  })
})

describe('two writers of one block', () => {
  const two = () => {
    const assembly = make()
    const first = assembly.place(block(1))
    const second = assembly.place(block(1))
    first.target?.fill(1, 0, 5000)
    second.target?.fill(2)
    return { assembly, first, second }
  }

  test('do not write into one place', () => {
    const { assembly, second } = two()
    expect(second.target?.buffer).not.toBe(assembly.bytes(0).buffer)
  })

  test('the first is whole first: the second’s bytes go nowhere', () => {
    const { assembly, first, second } = two()
    first.target?.fill(1)
    assembly.settle(block(1), first)
    assembly.release(block(1), second)
    expect(second.target).toBe(undefined)
    expect(at(assembly, 1)).toEqual(filled(1))
  })

  test('the second is whole first: the first may write no more', () => {
    const { assembly, first, second } = two()
    assembly.settle(block(1), second)
    expect(first.target).toBe(undefined)
    expect(at(assembly, 1)).toEqual(filled(2))
    assembly.release(block(1), first)
    expect(at(assembly, 1)).toEqual(filled(2))
  })

  test('the first gives up: a third writes in place, the second still counts', () => {
    const { assembly, first, second } = two()
    assembly.release(block(1), first)
    const third = assembly.place(block(1))
    expect(third.target?.buffer).toBe(assembly.bytes(0).buffer)
    assembly.settle(block(1), second)
    expect(third.target).toBe(undefined)
    expect(at(assembly, 1)).toEqual(filled(2))
  })

  test('bytes that came otherwise end them both', () => {
    const { assembly, first, second } = two()
    assembly.put(block(1), filled(9))
    expect(first.target).toBe(undefined)
    assembly.release(block(1), second)
    expect(at(assembly, 1)).toEqual(filled(9))
  })
})

describe('a piece that is taken away', () => {
  test('given back while somebody writes: the buffer’s next piece is not touched', () => {
    const assembly = make()
    const late = assembly.place(block(3))
    const { buffer } = assembly.bytes(0)
    assembly.giveBack(0)
    expect(late.target).toBe(undefined)
    assembly.put({ piece: 5, offset: 3 * BLOCK, length: BLOCK }, filled(5))
    expect(assembly.bytes(5).buffer).toBe(buffer)
    assembly.release(block(3), late)
    expect(assembly.bytes(5).subarray(3 * BLOCK)).toEqual(new Uint8Array(filled(5)))
  })

  test('a whole piece at once (web seed): no late writer goes on in any of its blocks', () => {
    const assembly = make()
    const late = [0, 1, 3].map((index) => assembly.place(block(index)))
    assembly.put({ piece: 0, offset: 0, length: PIECE }, Buffer.alloc(PIECE, 4))
    for (const placement of late) placement.target?.fill(0xee)
    expect(Buffer.from(assembly.bytes(0)).equals(Buffer.alloc(PIECE, 4))).toBe(true)
  })
})
