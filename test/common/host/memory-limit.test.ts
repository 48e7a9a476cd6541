import { describe, expect, test } from '@jest/globals'
import { memoryLimit, memoryShares } from '../../../common/host/memory-limit.ts'

const MiB = 2 ** 20

describe('how much memory there is', () => {
  test.each([
    ['none set', 0, 8192 * MiB, 8192],
    ['none set, as v1 says it', 2 ** 63 - 4096, 8192 * MiB, 8192],
    ['none set, as Node says it', 2 ** 64, 8192 * MiB, 8192],
    ['a small one', 512 * MiB, 8192 * MiB, 512],
    ['more than the machine has', 9000 * MiB, 8192 * MiB, 8192],
  ])('%s', (_, constrained, total, expected) => {
    expect(memoryLimit(constrained, total) / MiB).toBe(expected)
  })

  test('is asked of this machine', () => {
    expect(memoryLimit()).toBeGreaterThan(64 * MiB)
  })
})

describe('what the parts may take', () => {
  test('of a large machine what they always had', () => {
    expect(memoryShares(24_000 * MiB)).toEqual({
      engine: 1024 * MiB,
      largePieces: 256 * MiB,
      buffers: 64 * MiB,
    })
  })

  test.each([256, 512, 1024, 2048])('of %d MiB it leaves more than half to the server', (size) => {
    const { engine, largePieces, buffers } = memoryShares(size * MiB)
    expect(engine).toBeLessThanOrEqual(size * MiB * 0.4 + 1)
    expect(largePieces).toBeLessThan(engine / 3)
    expect(buffers).toBeLessThanOrEqual((size * MiB) / 16)
    expect(buffers).toBeGreaterThan(8 * MiB)
  })
})
