import { describe, expect, test } from '@jest/globals'
import { BLOCK } from '../../../../torrent/engine/blocks/block.ts'
import { RequestPipeline } from '../../../../torrent/engine/peers/request-pipeline.ts'

/** Blocks asked for and answered one after another, a span apart; answers the last time. */
function deliver(
  pipeline: RequestPipeline,
  blocks: number,
  everyMs: number,
  delayMs: number,
  from = 0,
): number {
  let now = from
  for (let i = 0; i < blocks; i++) {
    while (pipeline.outstanding < pipeline.depth) pipeline.sent(now)
    now += everyMs
    pipeline.received(BLOCK, now - delayMs, now)
  }
  return now
}

describe('RequestPipeline', () => {
  test('knows nothing at first and promises something usual', () => {
    const pipeline = new RequestPipeline({ maxQueue: 250 })
    expect({ measured: pipeline.measured, rate: pipeline.rate, depth: pipeline.depth }).toEqual({
      measured: false,
      rate: 0,
      depth: 4,
    })
    expect(pipeline.eta(1000)).toBeGreaterThan(1000)
  })

  test('measures the rate', () => {
    const pipeline = new RequestPipeline({ maxQueue: 250 })
    deliver(pipeline, 400, 10, 50)
    expect(pipeline.rate / (100 * BLOCK)).toBeCloseTo(1, 1)
    expect(pipeline.delivered).toBe(400 * BLOCK)
  })

  test('follows a rate that falls', () => {
    const pipeline = new RequestPipeline({ maxQueue: 250 })
    const now = deliver(pipeline, 200, 10, 50)
    deliver(pipeline, 40, 100, 150, now)
    expect(pipeline.rate).toBeLessThan(15 * BLOCK)
  })

  test('idle time does not count as slowness', () => {
    const pipeline = new RequestPipeline({ maxQueue: 250 })
    const now = deliver(pipeline, 200, 10, 50)
    while (pipeline.outstanding > 0) pipeline.released()
    deliver(pipeline, 30, 10, 50, now + 60_000)
    expect(pipeline.rate).toBeGreaterThan(80 * BLOCK)
  })

  test('what the peer says of its queue later counts from then on', () => {
    const peer = { maxQueue: 250 }
    const pipeline = new RequestPipeline(peer)
    peer.maxQueue = 2
    while (pipeline.hasRoom) pipeline.sent(0)
    expect(pipeline.outstanding).toBe(2)
    peer.maxQueue = 20
    deliver(pipeline, 400, 1, 50)
    expect(pipeline.depth).toBe(20)
  })

  test('never holds more than the peer takes', () => {
    const pipeline = new RequestPipeline({ maxQueue: 20 })
    deliver(pipeline, 400, 1, 50)
    expect(pipeline.depth).toBe(20)
  })

  test('holds a round trip of its rate and a little more, at least four; two where a block takes long', () => {
    const pipeline = new RequestPipeline({ maxQueue: 250 })
    const now = deliver(pipeline, 400, 10, 50)
    // 50 ms at a block each 10 ms, and the reserve of 25 ms
    expect(pipeline.depth).toBeGreaterThan(5)
    expect(pipeline.depth).toBeLessThanOrEqual(10)
    const later = deliver(pipeline, 100, 200, 50, now)
    expect(pipeline.depth).toBe(4)
    deliver(pipeline, 100, 400, 50, later)
    expect(pipeline.depth).toBe(2)
  })

  test('requests to a fast peer wait until several can leave together, to a slow one none waits', () => {
    const fast = new RequestPipeline({ maxQueue: 250 })
    const slow = new RequestPipeline({ maxQueue: 250 })
    deliver(fast, 2000, 0.1, 20)
    deliver(slow, 200, 10, 20)
    for (const pipeline of [fast, slow])
      while (pipeline.outstanding < pipeline.depth) pipeline.sent(0)
    fast.released()
    slow.released()
    expect([fast.hasRoom, fast.hasRoomForBatch]).toEqual([true, false])
    expect([slow.hasRoom, slow.hasRoomForBatch]).toEqual([true, true])
    for (let i = 0; i < fast.depth / 4; i++) fast.released()
    expect(fast.hasRoomForBatch).toBe(true)
  })

  test('a peer that holds one request is never given two', () => {
    const pipeline = new RequestPipeline({ maxQueue: 1 })
    expect(pipeline.depth).toBe(1)
    deliver(pipeline, 50, 5, 20)
    expect(pipeline.depth).toBe(1)
  })

  test('a request more makes the next answer later', () => {
    const pipeline = new RequestPipeline({ maxQueue: 250 })
    const before = pipeline.eta(0)
    pipeline.sent(0)
    expect(pipeline.eta(0)).toBeGreaterThan(before)
  })

  test('is pending since the first unanswered request, or the last answer', () => {
    const pipeline = new RequestPipeline({ maxQueue: 250 })
    expect(pipeline.pendingSince).toBe(Infinity)
    pipeline.sent(100)
    pipeline.sent(200)
    expect(pipeline.pendingSince).toBe(100)
    pipeline.received(BLOCK, 100, 300)
    expect(pipeline.pendingSince).toBe(300)
    pipeline.released()
    expect(pipeline.pendingSince).toBe(Infinity)
  })

  test('the wait for the first answer is no part of the rate', () => {
    const rateAfter = (wait: number): number => {
      const pipeline = new RequestPipeline({ maxQueue: 250 })
      for (let i = 0; i < 4; i++) pipeline.sent(0)
      for (let i = 0; i < 4; i++) pipeline.received(BLOCK, 0, wait + 10 * i)
      return pipeline.rate
    }
    expect(rateAfter(600)).toBe(rateAfter(30))
  })

  test('what was cancelled comes all the same, until it is known that it has come', () => {
    const pipeline = new RequestPipeline({ maxQueue: 250, latencyMs: 50 })
    const free = pipeline.eta(0)
    for (let i = 0; i < 8; i++) pipeline.sent(0)
    for (let i = 0; i < 8; i++) pipeline.cancelled(0)
    expect([pipeline.outstanding, pipeline.inFlight, pipeline.hasRoom]).toEqual([0, 8, false])
    const behind = pipeline.eta(60)
    expect(behind - 60).toBeGreaterThan(2 * free)
    for (let i = 0; i < 8; i++) pipeline.rejectedLate(60)
    expect(pipeline.inFlight).toBe(0)
    expect(pipeline.eta(1000) - 1000).toBe(free)
  })

  test('an answer shows that what was cancelled before it was asked is not on its way any more', () => {
    const pipeline = new RequestPipeline({ maxQueue: 250, latencyMs: 50 })
    for (const at of [0, 1, 2]) pipeline.sent(at)
    for (const at of [0, 1]) pipeline.cancelled(at)
    pipeline.received(BLOCK, 2, 60)
    expect(pipeline.inFlight).toBe(0)
  })

  test('of a peer that says nothing of it, it is forgotten when nothing has come for two round trips', () => {
    const pipeline = new RequestPipeline({ maxQueue: 250, latencyMs: 50 })
    for (let i = 0; i < 8; i++) pipeline.sent(0)
    for (let i = 0; i < 8; i++) pipeline.cancelled(0)
    const forgottenAt = (from: number): number => {
      for (let now = from; now < 3000; now += 25) {
        pipeline.hear(0, now)
        if (pipeline.inFlight === 0) return now
      }
      return Number.NaN
    }
    const at = forgottenAt(60)
    expect(at).toBeGreaterThan(160)
    expect(at).toBeLessThan(260)
  })

  test('of a slow one not before a block could have come', () => {
    const pipeline = new RequestPipeline({ maxQueue: 250, latencyMs: 50 })
    const now = deliver(pipeline, 8, 1000, 1000)
    pipeline.sent(now)
    while (pipeline.outstanding > 0) pipeline.cancelled(now)
    pipeline.hear(8 * BLOCK, now)
    for (const ms of [25, 900, 1500]) pipeline.hear(8 * BLOCK, now + ms)
    expect(pipeline.inFlight).toBeGreaterThan(0)
    pipeline.hear(8 * BLOCK, now + 2100)
    expect(pipeline.inFlight).toBe(0)
  })

  test('what comes late counts as what the line can do', () => {
    const pipeline = new RequestPipeline({ maxQueue: 250 })
    for (let i = 0; i < 20; i++) pipeline.sent(0)
    for (let i = 0; i < 20; i++) pipeline.cancelled(0)
    for (let i = 0; i < 20; i++) pipeline.receivedLate(BLOCK, 50 + 10 * i)
    expect(pipeline.rate / (100 * BLOCK)).toBeCloseTo(1, 1)
    expect([pipeline.hasDelivered, pipeline.inFlight]).toEqual([false, 0])
  })

  test('who keeps us waiting is expected to do so for as long again', () => {
    const pipeline = new RequestPipeline({ maxQueue: 250, latencyMs: 50 })
    const now = deliver(pipeline, 100, 10, 50)
    const usual = pipeline.eta(now) - now
    expect(pipeline.eta(now + 1000) - (now + 1000)).toBeGreaterThan(800)
    while (pipeline.outstanding > 0) pipeline.released()
    expect(pipeline.eta(now + 1000) - (now + 1000)).toBeLessThanOrEqual(usual)
  })

  test('the handshake tells how far away it is until a block was timed', () => {
    expect(new RequestPipeline({ maxQueue: 250, latencyMs: 20 }).eta(0)).toBeLessThan(
      new RequestPipeline({ maxQueue: 250, latencyMs: 90 }).eta(0),
    )
  })

  test('freeing what is not owed changes nothing', () => {
    const pipeline = new RequestPipeline({ maxQueue: 250 })
    pipeline.released()
    expect(pipeline.outstanding).toBe(0)
    pipeline.sent(1)
    expect(pipeline.outstanding).toBe(1)
  })
})
