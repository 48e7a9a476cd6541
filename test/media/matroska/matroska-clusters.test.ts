import { expect, test } from '@jest/globals'
import { element, number } from '../../../media/ebml/ebml-write.ts'
import { clusterBefore, clusterRange } from '../../../media/matroska/matroska-clusters.ts'

const CLUSTER = [0x1f, 0x43, 0xb6, 0x75]
const STEP = 4 << 20
const COUNT = 2000
const head = (time: number): Buffer =>
  Buffer.concat([Buffer.from([...CLUSTER, 0x10, 0x3f, 0xff, 0xf8]), element([0xe7], number(time))])

/** Eight gigabytes that are made as they are read: clusters of 4 MiB, whose times `timeOf` tells. */
function film(timeOf: (n: number) => number) {
  const ranges: (readonly [number, number])[] = []
  async function read(start: number, end: number): Promise<Uint8Array> {
    ranges.push([start, end])
    const bytes = Buffer.alloc(Math.min(end, STEP * COUNT) - start)
    for (let n = Math.floor(start / STEP); n * STEP < end && n < COUNT; n++) {
      const [own, at] = [head(timeOf(n)), n * STEP - start]
      if (-at < own.length) own.copy(bytes, Math.max(0, at), Math.max(0, -at))
    }
    return bytes
  }
  return { read, ranges }
}

test.each([
  ['even', (n: number) => n * 3000],
  ['uneven', (n: number) => (n < 1000 ? n * 500 : 500_000 + (n - 1000) * 5500)],
  ['one that begins late', (n: number) => 900_000 + n * 3000],
])('a film of %s times: a cluster shortly before any time, by a few reads', async (_, timeOf) => {
  const { read, ranges } = film(timeOf)
  const range = await clusterRange(read, 0, STEP * COUNT)
  if (!range) throw new Error('no clusters')
  expect(range.first).toEqual({ at: 0, time: timeOf(0) })
  expect(range.last).toEqual({ at: STEP * (COUNT - 1), time: timeOf(COUNT - 1) })
  for (const part of [0.001, 0.1, 0.45, 0.5, 0.77, 0.999]) {
    const time = timeOf(0) + (timeOf(COUNT - 1) - timeOf(0)) * part
    ranges.length = 0
    const found = await clusterBefore(read, range, time, 0.001)
    expect(found.time).toBe(timeOf(found.at / STEP))
    expect(found.time).toBeLessThanOrEqual(time)
    expect(found.time).toBeGreaterThan(time - 12_000)
    const sum = ranges.reduce((all, [start, end]) => all + end - start, 0)
    expect(sum / STEP).toBeLessThan(24)
  }
})

test('what only looks like a cluster, by a time that cannot be, is none', async () => {
  const good = [0, 1000, 2000].map((time) => Buffer.concat([head(time), Buffer.alloc(200_000)]))
  const odd = head(4_000_000_000)
  const bytes = Buffer.concat([good[0] ?? odd, odd, good[1] ?? odd, good[2] ?? odd])
  const read = async (start: number, end: number) => bytes.subarray(start, end)
  const range = await clusterRange(read, 0, bytes.length)
  if (!range) throw new Error('no clusters')
  expect(range.last.time).toBe(2000)
  expect((await clusterBefore(read, range, 1500, 1)).time).toBeLessThanOrEqual(1500)
})

test('zeros have no clusters, and not all of them are read', async () => {
  const size = 8e9
  let sum = 0
  const read = async (start: number, end: number): Promise<Uint8Array> => {
    sum += end - start
    const zeros = Buffer.alloc(end - start)
    if (start === 0) head(0).copy(zeros)
    return zeros
  }
  expect(await clusterRange(read, 0, size)).toBeUndefined()
  expect(sum).toBeLessThan(size / 50)
})
