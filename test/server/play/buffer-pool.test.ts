import { describe, expect, test } from '@jest/globals'
import { createBufferPool } from '../../../server/play/buffer-pool.ts'

const KIB = 1024

describe('buffer pool', () => {
  test('gives what is needed, not more', () => {
    const pool = createBufferPool()
    const sizes = [1, 16 * KIB, 16 * KIB + 1, 64 * KIB, 64 * KIB + 1, 1e9]
    expect(sizes.map((want) => pool.take(want).length / KIB)).toEqual([16, 16, 64, 64, 256, 256])
  })

  test('reuses what was given back, never what was dropped', () => {
    const pool = createBufferPool()
    const first = pool.take(1e9)
    pool.give(first)
    expect(pool.take(1e9)).toBe(first)
    pool.drop(first)
    expect(pool.take(1e9)).not.toBe(first)
  })

  test('what was dropped is not counted any more', () => {
    const pool = createBufferPool(512 * KIB)
    const only = pool.take(1e9)
    expect(pool.take(1e9).length).toBeLessThan(only.length)
    pool.drop(only)
    expect(pool.take(1e9)).toHaveLength(64 * KIB)
  })

  test('512 readers stay below the bound, and the last is served too', () => {
    const pool = createBufferPool()
    const lent = Array.from({ length: 512 }, () => pool.take(1e9))
    const bytes = lent.reduce((sum, buffer) => sum + buffer.length, 0)
    expect(bytes).toBeLessThan(64 * KIB * KIB)
    expect(new Set(lent.map((buffer) => buffer.length / KIB))).toEqual(new Set([256, 64, 16]))
    expect(new Set(lent).size).toBe(512)
    for (const buffer of lent) pool.give(buffer)
    expect(pool.take(1e9)).toHaveLength(256 * KIB)
  })

  test('a small bound still lends', () => {
    const pool = createBufferPool(0)
    expect(pool.take(1e9)).toHaveLength(16 * KIB)
  })
})
