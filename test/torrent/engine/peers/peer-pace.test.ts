import { describe, expect, test } from '@jest/globals'
import { BLOCK } from '../../../../torrent/engine/blocks/block.ts'
import { PeerPace } from '../../../../torrent/engine/peers/peer-pace.ts'

/** Blocks asked for and answered one after another, a span apart; answers the last time. */
function deliver(
  pace: PeerPace,
  blocks: number,
  everyMs: number,
  delayMs: number,
  from = 0,
): number {
  let now = from
  for (let i = 0; i < blocks; i++) {
    while (pace.outstanding < pace.queue) pace.sent(now)
    now += everyMs
    pace.arrived(BLOCK, now - delayMs, now)
  }
  return now
}

describe('PeerPace', () => {
  test('knows nothing at first and promises something usual', () => {
    const pace = new PeerPace(250)
    expect({ known: pace.known, rate: pace.rate, queue: pace.queue }).toEqual({
      known: false,
      rate: 0,
      queue: 4,
    })
    expect(pace.eta(1000)).toBeGreaterThan(1000)
  })

  test('measures the rate', () => {
    const pace = new PeerPace(250)
    deliver(pace, 400, 10, 50)
    expect(pace.rate / (100 * BLOCK)).toBeCloseTo(1, 1)
    expect(pace.delivered).toBe(400 * BLOCK)
  })

  test('follows a rate that falls', () => {
    const pace = new PeerPace(250)
    const now = deliver(pace, 200, 10, 50)
    deliver(pace, 40, 100, 150, now)
    expect(pace.rate).toBeLessThan(15 * BLOCK)
  })

  test('idle time does not count as slowness', () => {
    const pace = new PeerPace(250)
    const now = deliver(pace, 200, 10, 50)
    while (pace.outstanding > 0) pace.freed()
    deliver(pace, 30, 10, 50, now + 60_000)
    expect(pace.rate).toBeGreaterThan(80 * BLOCK)
  })

  test('never holds more than the peer takes', () => {
    const pace = new PeerPace(20)
    deliver(pace, 400, 1, 50)
    expect(pace.queue).toBe(20)
  })

  test('holds a round trip of its rate and a little more, and never fewer than four', () => {
    const pace = new PeerPace(250)
    const now = deliver(pace, 400, 10, 50)
    // 50 ms at a block each 10 ms, and the reserve of 25 ms
    expect(pace.queue).toBeGreaterThan(5)
    expect(pace.queue).toBeLessThanOrEqual(10)
    deliver(pace, 100, 400, 50, now)
    expect(pace.queue).toBe(4)
  })

  test('requests to a fast peer wait until several can leave together, to a slow one none waits', () => {
    const fast = new PeerPace(250)
    const slow = new PeerPace(250)
    deliver(fast, 2000, 0.1, 20)
    deliver(slow, 200, 10, 20)
    for (const pace of [fast, slow]) while (pace.outstanding < pace.queue) pace.sent(0)
    fast.freed()
    slow.freed()
    expect([fast.canSend, fast.hasRoomForBatch]).toEqual([true, false])
    expect([slow.canSend, slow.hasRoomForBatch]).toEqual([true, true])
    for (let i = 0; i < fast.queue / 4; i++) fast.freed()
    expect(fast.hasRoomForBatch).toBe(true)
  })

  test('a peer that holds one request is never given two', () => {
    const pace = new PeerPace(1)
    expect(pace.queue).toBe(1)
    deliver(pace, 50, 5, 20)
    expect(pace.queue).toBe(1)
  })

  test('a request more makes the next answer later', () => {
    const pace = new PeerPace(250)
    const before = pace.eta(0)
    pace.sent(0)
    expect(pace.eta(0)).toBeGreaterThan(before)
  })

  test('owes since the first unanswered request, or the last answer', () => {
    const pace = new PeerPace(250)
    expect(pace.owingSince).toBe(Infinity)
    pace.sent(100)
    pace.sent(200)
    expect(pace.owingSince).toBe(100)
    pace.arrived(BLOCK, 100, 300)
    expect(pace.owingSince).toBe(300)
    pace.freed()
    expect(pace.owingSince).toBe(Infinity)
  })

  test('the wait for the first answer is no part of the rate', () => {
    const rateAfter = (wait: number): number => {
      const pace = new PeerPace(250)
      for (let i = 0; i < 4; i++) pace.sent(0)
      for (let i = 0; i < 4; i++) pace.arrived(BLOCK, 0, wait + 10 * i)
      return pace.rate
    }
    expect(rateAfter(600)).toBe(rateAfter(30))
  })

  test('what was cancelled comes all the same, until it is known that it has come', () => {
    const pace = new PeerPace(250, 50)
    const free = pace.eta(0)
    for (let i = 0; i < 8; i++) pace.sent(0)
    for (let i = 0; i < 8; i++) pace.cancelled(0)
    expect([pace.outstanding, pace.underWay, pace.canSend]).toEqual([0, 8, false])
    const behind = pace.eta(60)
    expect(behind - 60).toBeGreaterThan(2 * free)
    for (let i = 0; i < 8; i++) pace.cleared(60)
    expect(pace.underWay).toBe(0)
    expect(pace.eta(1000) - 1000).toBe(free)
  })

  test('an answer shows that what was cancelled before it was asked is not on its way any more', () => {
    const pace = new PeerPace(250, 50)
    for (const at of [0, 1, 2]) pace.sent(at)
    for (const at of [0, 1]) pace.cancelled(at)
    pace.arrived(BLOCK, 2, 60)
    expect(pace.underWay).toBe(0)
  })

  test('what comes late counts as what the line can do', () => {
    const pace = new PeerPace(250)
    for (let i = 0; i < 20; i++) pace.sent(0)
    for (let i = 0; i < 20; i++) pace.cancelled(0)
    for (let i = 0; i < 20; i++) pace.cameLate(BLOCK, 50 + 10 * i)
    expect(pace.rate / (100 * BLOCK)).toBeCloseTo(1, 1)
    expect([pace.proven, pace.underWay]).toEqual([false, 0])
  })

  test('who keeps us waiting is expected to do so for as long again', () => {
    const pace = new PeerPace(250, 50)
    const now = deliver(pace, 100, 10, 50)
    const usual = pace.eta(now) - now
    expect(pace.eta(now + 1000) - (now + 1000)).toBeGreaterThan(800)
    while (pace.outstanding > 0) pace.freed()
    expect(pace.eta(now + 1000) - (now + 1000)).toBeLessThanOrEqual(usual)
  })

  test('the handshake tells how far away it is until a block was timed', () => {
    expect(new PeerPace(250, 20).eta(0)).toBeLessThan(new PeerPace(250, 90).eta(0))
  })

  test('freeing what is not owed changes nothing', () => {
    const pace = new PeerPace(250)
    pace.freed()
    expect(pace.outstanding).toBe(0)
    pace.sent(1)
    expect(pace.outstanding).toBe(1)
  })
})
