import { describe, expect, test } from '@jest/globals'
import { BLOCK, PeerPace } from '../../../torrent/engine/peer-pace.ts'

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
    expect(pace.usualDelay).toBeGreaterThan(0)
  })

  test('measures the rate', () => {
    const pace = new PeerPace(250)
    deliver(pace, 400, 10, 50)
    expect(pace.rate / (100 * BLOCK)).toBeCloseTo(1, 1)
    expect(pace.usualDelay).toBeCloseTo(50, 0)
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

  test('opens the queue while answers come quickly, up to the most', () => {
    const pace = new PeerPace(20)
    deliver(pace, 200, 5, 50)
    expect(pace.queue).toBe(20)
  })

  test('closes the queue when answers wait too long, never below four', () => {
    const pace = new PeerPace(250)
    let now = deliver(pace, 60, 5, 50)
    const wide = pace.queue
    now = deliver(pace, 20, 100, 2000, now)
    expect(pace.queue).toBeLessThan(wide)
    deliver(pace, 300, 100, 5000, now)
    expect(pace.queue).toBe(4)
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
    expect(pace.lastArrival).toBe(300)
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
    for (let i = 0; i < 8; i++) pace.cancelled()
    expect(pace.outstanding).toBe(0)
    const behind = pace.eta(60)
    expect(behind - 60).toBeGreaterThan(2 * free)
    for (let i = 0; i < 8; i++) pace.cleared()
    expect(pace.eta(1000) - 1000).toBe(free)
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
