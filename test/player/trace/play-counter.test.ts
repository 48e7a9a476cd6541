import { describe, expect, test } from '@jest/globals'
import { PlayCounter } from '../../../player/trace/play-counter.ts'

describe('play counter', () => {
  test('nothing played', () => {
    const firstByteMs = { p50: 0, p99: 0 }
    expect(new PlayCounter().stats).toEqual({
      ...{ total: 0, hits: 0, misses: 0, active: 0 },
      firstByteMs,
    })
  })

  test('percentiles by nearest rank over the last thousand', () => {
    const counter = new PlayCounter()
    for (let i = 0; i < 500; i++) counter.firstByte(9_999)
    for (let ms = 1000; ms >= 1; ms--) counter.firstByte(ms)
    expect(counter.stats.firstByteMs).toEqual({ p50: 500, p99: 990 })
  })

  test('hits and misses by where the bytes come from', () => {
    const counter = new PlayCounter()
    for (const from of ['disk', 'disk', 'swarm', 'path'] as const) {
      counter.asked()
      counter.began(from)
    }
    counter.ended()
    expect(counter.stats).toMatchObject({ total: 4, hits: 2, misses: 1, active: 3 })
  })
})
