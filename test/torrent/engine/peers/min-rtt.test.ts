import { describe, expect, test } from '@jest/globals'
import { MinRtt } from '../../../../torrent/engine/peers/min-rtt.ts'

/** Answers every 10 ms, each after what `delayAt` says; gives the time after the last. */
function answers(rtt: MinRtt, from: number, to: number, delayAt: (now: number) => number) {
  let now = from
  for (; now < to; now += 10) rtt.add(delayAt(now), now)
  return now
}

describe('MinRtt', () => {
  test('knows nothing before the first answer', () => {
    const rtt = new MinRtt()
    expect([rtt.min, rtt.queueDelay, rtt.probing]).toEqual([Infinity, 0, false])
  })

  test('a queue is what answers wait beyond the least', () => {
    const rtt = new MinRtt()
    answers(rtt, 0, 500, () => 50)
    answers(rtt, 500, 1000, () => 90)
    expect(rtt.min).toBeCloseTo(50, 0)
    expect(rtt.queueDelay).toBeCloseTo(40, 0)
  })

  test('one odd quick answer is not the length of the way', () => {
    const rtt = new MinRtt()
    answers(rtt, 0, 1000, (now) => (now === 500 ? 5 : 80))
    expect(rtt.min).toBeGreaterThan(55)
  })

  test('looks every three seconds, for little more than a round trip', () => {
    const rtt = new MinRtt()
    let probed = 0
    for (let now = 0; now < 10_000; now += 10) {
      rtt.add(50, now)
      if (rtt.probing) probed += 10
    }
    expect(probed).toBeGreaterThanOrEqual(3 * 50)
    expect(probed).toBeLessThanOrEqual(3 * 110)
  })

  test('a way that became longer is found out by a look', () => {
    const rtt = new MinRtt()
    answers(rtt, 0, 1000, () => 50)
    answers(rtt, 1000, 2900, () => 250)
    expect(rtt.min).toBeCloseTo(50, 0)
    answers(rtt, 2900, 4500, () => 250)
    expect(rtt.min).toBeCloseTo(250, 0)
  })

  test('a queue that goes while it looks leaves the length as it was', () => {
    const rtt = new MinRtt()
    answers(rtt, 0, 500, () => 50)
    answers(rtt, 500, 12_000, () => (rtt.probing ? 50 : 75))
    expect(rtt.min).toBeLessThan(60)
  })

  test('jitter is how much answers differ', () => {
    const steady = new MinRtt()
    const wavering = new MinRtt()
    answers(steady, 0, 2000, () => 80)
    answers(wavering, 0, 2000, (now) => (now % 20 ? 50 : 110))
    expect(steady.jitter).toBeLessThan(1)
    expect(wavering.jitter).toBeGreaterThan(15)
  })

  test('where answers wait for lost packets, the way is as long as it is of late, twice at most', () => {
    const rtt = new MinRtt()
    answers(rtt, 0, 2000, () => 80)
    expect(rtt.roundTrip).toBeCloseTo(80, 0)
    answers(rtt, 2000, 2900, (now) => (now % 200 < 100 ? 80 : 200))
    expect(rtt.roundTrip).toBeGreaterThan(rtt.min)
    answers(rtt, 2900, 8000, (now) => (now % 800 < 100 ? 80 : 900))
    expect(rtt.roundTrip).toBeLessThan(5 * 80 + 1)
  })

  test('a queue that grows is no loss, and neither are the jumps of a new connection', () => {
    const queue = new MinRtt()
    answers(queue, 0, 1500, () => 80)
    answers(queue, 1500, 2500, (now) => 80 + (now - 1500) / 10)
    expect(queue.roundTrip).toBe(queue.min)
    const young = new MinRtt()
    answers(young, 0, 900, (now) => (now % 200 < 100 ? 80 : 200))
    expect(young.roundTrip).toBe(young.min)
  })

  test('others that fill the line for good do not make the way ever longer', () => {
    const rtt = new MinRtt()
    answers(rtt, 0, 1000, () => 80)
    let delay = 80
    answers(rtt, 1000, 60_000, () => {
      delay = Math.min(delay * 1.002, rtt.min * 1.25)
      return delay
    })
    expect(rtt.min).toBeLessThan(5 * 80 + 1)
  })
})
