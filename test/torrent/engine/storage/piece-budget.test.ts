import { describe, expect, test } from '@jest/globals'
import { createPieceBudget, piecesWithin } from '../../../../torrent/engine/storage/piece-budget.ts'

const MiB = 1 << 20

describe('createPieceBudget', () => {
  test.each([1, 2, 7, 48])('%p torrents use no more together than one alone', (torrents) => {
    const budget = createPieceBudget(48 * MiB)
    const shares = Array.from({ length: torrents }, () => budget.share())
    for (const share of shares) share.use(true)
    const bytes = shares.reduce(
      (sum, share) => sum + piecesWithin(share, 256 * 1024) * 256 * 1024,
      0,
    )
    expect(bytes).toBeLessThanOrEqual(48 * MiB)
  })

  test('who fetches nothing, said once or twice, leaves its share to the others', () => {
    const budget = createPieceBudget(48 * MiB)
    const [a, b] = [budget.share(), budget.share()]
    a.use(true)
    expect([a.bytes, b.bytes]).toEqual([48 * MiB, 24 * MiB])
    b.use(true)
    b.use(true)
    expect([a.bytes, b.bytes]).toEqual([24 * MiB, 24 * MiB])
    b.use(false)
    b.use(false)
    expect(a.bytes).toBe(48 * MiB)
  })
})

describe('piecesIn', () => {
  test('two at least, however long, and never so many that planning takes long', () => {
    expect(piecesWithin({ bytes: MiB }, 16 * MiB)).toBe(2)
    expect(piecesWithin({ bytes: 48 * MiB }, 16 * 1024)).toBe(256)
    expect(piecesWithin({ bytes: 48 * MiB }, MiB)).toBe(48)
  })
})
