import { describe, expect, test } from '@jest/globals'
import { LineDelay } from '../../../../torrent/engine/peers/line-delay.ts'

/** Answers every 10 ms, each after what `delayAt` says; gives the time after the last. */
function answers(line: LineDelay, from: number, to: number, delayAt: (now: number) => number) {
  let now = from
  for (; now < to; now += 10) line.add(delayAt(now), now)
  return now
}

describe('LineDelay', () => {
  test('knows nothing before the first answer', () => {
    const line = new LineDelay()
    expect([line.bare, line.queueing, line.looking]).toEqual([Infinity, 0, false])
  })

  test('a queue is what answers wait beyond the least', () => {
    const line = new LineDelay()
    answers(line, 0, 500, () => 50)
    answers(line, 500, 1000, () => 90)
    expect(line.bare).toBeCloseTo(50, 0)
    expect(line.queueing).toBeCloseTo(40, 0)
  })

  test('one odd quick answer is not the length of the way', () => {
    const line = new LineDelay()
    answers(line, 0, 1000, (now) => (now === 500 ? 5 : 80))
    expect(line.bare).toBeGreaterThan(55)
  })

  test('looks every three seconds, for little more than a round trip', () => {
    const line = new LineDelay()
    let looked = 0
    for (let now = 0; now < 10_000; now += 10) {
      line.add(50, now)
      if (line.looking) looked += 10
    }
    expect(looked).toBeGreaterThanOrEqual(3 * 50)
    expect(looked).toBeLessThanOrEqual(3 * 110)
  })

  test('a way that became longer is found out by a look', () => {
    const line = new LineDelay()
    answers(line, 0, 1000, () => 50)
    answers(line, 1000, 2900, () => 250)
    expect(line.bare).toBeCloseTo(50, 0)
    answers(line, 2900, 4500, () => 250)
    expect(line.bare).toBeCloseTo(250, 0)
  })

  test('a queue that goes while it looks leaves the length as it was', () => {
    const line = new LineDelay()
    answers(line, 0, 500, () => 50)
    answers(line, 500, 12_000, () => (line.looking ? 50 : 75))
    expect(line.bare).toBeLessThan(60)
  })

  test('jitter is how much answers differ', () => {
    const steady = new LineDelay()
    const wavering = new LineDelay()
    answers(steady, 0, 2000, () => 80)
    answers(wavering, 0, 2000, (now) => (now % 20 ? 50 : 110))
    expect(steady.jitter).toBeLessThan(1)
    expect(wavering.jitter).toBeGreaterThan(15)
  })
})
