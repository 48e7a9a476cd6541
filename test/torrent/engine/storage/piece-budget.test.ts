import { describe, expect, test } from '@jest/globals'
import { PieceBudget } from '../../../../torrent/engine/storage/piece-budget.ts'

const MiB = 1 << 20
const ignore = (): void => {}

describe('PieceBudget', () => {
  test.each([1, 2, 7, 48])('%p torrents use no more together than one alone', (torrents) => {
    const budget = new PieceBudget(48 * MiB)
    const shares = Array.from({ length: torrents }, () => budget.share(ignore))
    for (const share of shares) share.use(true)
    const bytes = shares.reduce((sum, share) => sum + share.pieces(256 * 1024) * 256 * 1024, 0)
    expect(bytes).toBeLessThanOrEqual(48 * MiB)
  })

  test('who fetches nothing, said once or twice, leaves its share to the others', () => {
    const budget = new PieceBudget(48 * MiB)
    const [a, b] = [budget.share(ignore), budget.share(ignore)]
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

describe('pieces', () => {
  test('two at least, however many torrents, and never so many that planning takes long', () => {
    const of = (bytes: number) => new PieceBudget(bytes).share(ignore)
    expect(of(MiB).pieces(16 * MiB)).toBe(2)
    expect(of(48 * MiB).pieces(16 * 1024)).toBe(256)
    expect(of(48 * MiB).pieces(1024)).toBe(256)
    expect(of(48 * MiB).pieces(MiB)).toBe(48)
  })

  test.each([17, 32, 64, 100, 128])('large ones of %i MiB: all torrents within one memory', (n) => {
    const budget = new PieceBudget(24 * MiB, 256 * MiB)
    const shares = Array.from({ length: 40 }, () => budget.share(ignore))
    const counts = shares.map((share) => share.pieces(n * MiB))
    const bytes = counts.reduce((sum, count) => sum + count * n * MiB, 0)
    expect(counts[0]).toBe(2)
    expect(bytes).toBeLessThanOrEqual(256 * MiB)
    expect(256 * MiB - bytes).toBeLessThan(n * MiB)
    // What was given stays, whoever asks again.
    expect(shares.map((share) => share.pieces(n * MiB))).toEqual(counts)
    expect(shares[39]?.pieces(16 * MiB)).toBe(2)
  })

  test('who waits for memory is told when somebody needs it no more', () => {
    const budget = new PieceBudget(24 * MiB, 128 * MiB)
    const told: string[] = []
    const [first, second, third] = ['first', 'second', 'third'].map((name) =>
      budget.share(() => told.push(name)),
    )
    expect([first?.pieces(64 * MiB), second?.pieces(64 * MiB), third?.pieces(64 * MiB)]).toEqual([
      ...[2, 0, 0],
    ])
    third?.release()
    expect(told).toEqual([])
    first?.release()
    expect(told).toEqual(['second'])
    expect(second?.pieces(64 * MiB)).toBe(2)
    first?.release()
    expect(told).toEqual(['second'])
  })
})
