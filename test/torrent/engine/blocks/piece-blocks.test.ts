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

  test('are free until requested, and again when the request is forgotten', () => {
    const blocks = piece()
    expect(blocks.isUntouched).toBe(true)
    blocks.request(0, 'a', 1, 9)
    blocks.request(1, 'a', 2, 9)
    expect(blocks.nextFree()).toBe(2)
    blocks.request(2, 'b', 3, 9)
    expect(blocks.nextFree()).toBe(-1)
    expect(blocks.unrequest(0, 'a')).toBe(true)
    expect(blocks.nextFree()).toBe(0)
    expect({ isEmpty: blocks.isEmpty, isUntouched: blocks.isUntouched }).toEqual({
      isEmpty: true,
      isUntouched: false,
    })
  })

  test('forgetting a request that was never made answers false', () => {
    const blocks = piece()
    blocks.request(0, 'a', 1, 9)
    expect(blocks.unrequest(0, 'b')).toBe(false)
    expect(blocks.unrequest(1, 'a')).toBe(false)
    expect(blocks.unrequest(0, 'a')).toBe(true)
    expect(blocks.unrequest(0, 'a')).toBe(false)
    expect(blocks.wasRequestedFrom('a')).toBe(true)
    expect(blocks.wasRequestedFrom('b')).toBe(false)
  })

  test('requested from two peers: both are known, one answer is enough', () => {
    const blocks = piece()
    blocks.request(1, 'a', 10, 50)
    blocks.request(1, 'b', 20, 60)
    expect(blocks.requestedFrom(1)).toEqual(['a', 'b'])
    expect([blocks.sentAt(1, 'a'), blocks.sentAt(1, 'b'), blocks.sentAt(1, 'c')]).toEqual([
      10,
      20,
      undefined,
    ])
    expect(blocks.pending()).toEqual([{ index: 1, from: ['a', 'b'], sentAt: 10, due: 50 }])
    blocks.unrequest(1, 'a')
    expect(blocks.nextFree()).toBe(0)
    expect(blocks.pending()[0]?.from).toEqual(['b'])
    blocks.receive(1, 'b')
    expect(blocks.hasPending).toBe(false)
    expect(blocks.has(1)).toBe(true)
  })

  test('complete when the last one came; tells who sent what', () => {
    const blocks = piece()
    blocks.receive(0, 'a')
    blocks.receive(2, 'b')
    blocks.receive(2, 'b')
    expect(blocks.isComplete).toBe(false)
    expect(blocks.nextFree()).toBe(1)
    blocks.receive(1, 'a')
    expect(blocks.isComplete).toBe(true)
    expect(blocks.contributions()).toEqual([
      { peer: 'a', block: blocks.block(0) },
      { peer: 'a', block: blocks.block(1) },
      { peer: 'b', block: blocks.block(2) },
    ])
  })

  test('a block that came twice counts for the peer that sent it last', () => {
    const blocks = piece()
    blocks.receive(0, 'a')
    blocks.receive(0, 'web')
    expect(blocks.contributions()).toEqual([{ peer: 'web', block: blocks.block(0) }])
  })

  test('the blocks pending from one peer', () => {
    const blocks = piece()
    for (const index of [0, 1, 2]) blocks.request(index, 'b', 1, 9)
    blocks.request(1, 'a', 2, 9)
    expect(blocks.pendingFrom('b')).toEqual([0, 1, 2])
    expect(blocks.pendingFrom('a')).toEqual([1])
    blocks.receive(1, 'a')
    expect(blocks.pendingFrom('b')).toEqual([0, 2])
  })
})
