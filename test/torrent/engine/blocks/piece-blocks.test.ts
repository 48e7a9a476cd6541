import { describe, expect, test } from '@jest/globals'
import { BLOCK } from '../../../../torrent/engine/blocks/block.ts'
import { PieceBlocks } from '../../../../torrent/engine/blocks/piece-blocks.ts'

const SHORT = 100
const piece = (): PieceBlocks => new PieceBlocks(7, 2 * BLOCK + SHORT)

describe('the blocks of a piece', () => {
  test('the last one is short', () => {
    const blocks = piece()
    expect(blocks.count).toBe(3)
    expect(blocks.block(1)).toEqual({ piece: 7, offset: BLOCK, length: BLOCK })
    expect(blocks.block(2)).toEqual({ piece: 7, offset: 2 * BLOCK, length: SHORT })
  })

  test.each([
    [0, BLOCK, true],
    [2 * BLOCK, SHORT, true],
    [2 * BLOCK, BLOCK, false],
    [0, BLOCK - 1, false],
    [1, BLOCK, false],
    [-BLOCK, BLOCK, false],
    [3 * BLOCK, SHORT, false],
    [Number.NaN, BLOCK, false],
  ])('a block at %p of %p bytes fits: %p', (offset, length, fits) => {
    expect(piece().fits({ piece: 7, offset, length })).toBe(fits)
  })

  test('are free until asked for, and again when taken back', () => {
    const blocks = piece()
    expect(blocks.untouched).toBe(true)
    blocks.ask(0, 'a', 1, 9)
    blocks.ask(1, 'a', 2, 9)
    expect(blocks.nextFree()).toBe(2)
    blocks.ask(2, 'b', 3, 9)
    expect(blocks.nextFree()).toBe(-1)
    expect(blocks.unask(0, 'a')).toBe(true)
    expect(blocks.nextFree()).toBe(0)
    expect({ cold: blocks.cold, untouched: blocks.untouched }).toEqual({
      cold: true,
      untouched: false,
    })
  })

  test('taking back what was not asked answers false', () => {
    const blocks = piece()
    blocks.ask(0, 'a', 1, 9)
    expect(blocks.unask(0, 'b')).toBe(false)
    expect(blocks.unask(1, 'a')).toBe(false)
    expect(blocks.unask(0, 'a')).toBe(true)
    expect(blocks.unask(0, 'a')).toBe(false)
    expect(blocks.wasAsked('a')).toBe(true)
    expect(blocks.wasAsked('b')).toBe(false)
  })

  test('asked of two: each is known, one is enough', () => {
    const blocks = piece()
    blocks.ask(1, 'a', 10, 50)
    blocks.ask(1, 'b', 20, 60)
    expect(blocks.askedOf(1)).toEqual(['a', 'b'])
    expect([blocks.sentAt(1, 'a'), blocks.sentAt(1, 'b'), blocks.sentAt(1, 'c')]).toEqual([
      10,
      20,
      undefined,
    ])
    expect(blocks.owed()).toEqual([{ index: 1, of: ['a', 'b'], sentAt: 10, due: 50 }])
    blocks.unask(1, 'a')
    expect(blocks.nextFree()).toBe(0)
    expect(blocks.owed()[0]?.of).toEqual(['b'])
    blocks.put(1, 'b')
    expect(blocks.anyOwed).toBe(false)
    expect(blocks.isHere(1)).toBe(true)
  })

  test('full when the last one came; who sent what is told', () => {
    const blocks = piece()
    blocks.put(0, 'a')
    blocks.put(2, 'b')
    blocks.put(2, 'b')
    expect(blocks.full).toBe(false)
    expect(blocks.nextFree()).toBe(1)
    blocks.put(1, 'a')
    expect(blocks.full).toBe(true)
    expect(blocks.contributions()).toEqual([
      { peer: 'a', block: blocks.block(0) },
      { peer: 'a', block: blocks.block(1) },
      { peer: 'b', block: blocks.block(2) },
    ])
  })

  test('bytes that take the place of others are told of who sent them last', () => {
    const blocks = piece()
    blocks.put(0, 'a')
    blocks.put(0, 'web')
    expect(blocks.contributions()).toEqual([{ peer: 'web', block: blocks.block(0) }])
  })

  test('what one peer owes', () => {
    const blocks = piece()
    for (const index of [0, 1, 2]) blocks.ask(index, 'b', 1, 9)
    blocks.ask(1, 'a', 2, 9)
    expect(blocks.owedBy('b')).toEqual([0, 1, 2])
    expect(blocks.owedBy('a')).toEqual([1])
    blocks.put(1, 'a')
    expect(blocks.owedBy('b')).toEqual([0, 2])
  })
})
