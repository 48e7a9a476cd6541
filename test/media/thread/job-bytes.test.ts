import { expect, test } from '@jest/globals'
import type { ByteRange } from '../../../common/byte-reader.ts'
import { JobBytes } from '../../../media/thread/job-bytes.ts'
import { MiB } from '../../support/swarm/payload.ts'

/** A film of which each byte is 7, and who wants what of it. */
function film(size: number, isArriving: boolean) {
  const wanted = new Set<ByteRange>()
  /** How many wanted something, at each read. */
  const wantedAtRead: number[] = []
  const waits: (() => void)[] = []
  /** Where parts begin that are there. */
  const arrived: number[] = []
  let isHeld = false
  return {
    wanted,
    wantedAtRead,
    arrived,
    hold: () => {
      isHeld = true
    },
    bytes: {
      size,
      ...(isArriving && { has: ({ start }: ByteRange) => arrived.includes(start) }),
      read(range: ByteRange) {
        wanted.add(range)
        return {
          async read(into: Buffer) {
            wantedAtRead.push(wanted.size)
            if (isHeld) await new Promise<void>((resolve) => waits.push(resolve))
            if (!wanted.has(range)) throw new Error('closed')
            return into.fill(7).length
          },
          close() {
            wanted.delete(range)
            for (const go of waits.splice(0)) go()
          },
        }
      },
    },
  }
}

test('of a film that still arrives, what comes behind a part that was not there is wanted until the job is over', async () => {
  const { bytes, wanted, wantedAtRead, arrived } = film(40 * MiB, true)
  const job = new JobBytes(bytes, 16 * MiB)
  expect(await job.read(100, 200, 200)).toEqual(Buffer.alloc(100, 7))
  expect([...wanted]).toEqual([{ start: 100, end: 100 + 16 * MiB - 1 }])
  // What follows is wanted as far ahead again.
  await job.read(200, 300, 300)
  expect([...wanted]).toEqual([{ start: 200, end: 200 + 16 * MiB - 1 }])
  await job.read(30 * MiB, 30 * MiB + 5, 31 * MiB)
  expect([...wanted]).toEqual([{ start: 30 * MiB, end: 40 * MiB - 1 }])
  await job.read(0, 20 * MiB, 20 * MiB)
  expect([...wanted]).toEqual([{ start: 0, end: 20 * MiB - 1 }])
  // The one before is given back behind the first read of the next: there is always one.
  expect(wantedAtRead).toEqual([1, 2, 2, 2])
  arrived.push(20 * MiB)
  await job.read(20 * MiB, 20 * MiB + 9, 20 * MiB + 9)
  expect([...wanted]).toEqual([{ start: 20 * MiB, end: 20 * MiB + 8 }])
  job.close()
  expect(wanted.size).toBe(0)
  await expect(job.read(0, 1, 1)).rejects.toThrow('closed')
})

test('a job that jumps about wants nothing but its parts', async () => {
  const { bytes, wanted } = film(40 * MiB, true)
  const job = new JobBytes(bytes, 0)
  await job.read(100, 200, 200)
  expect([...wanted]).toEqual([{ start: 100, end: 199 }])
})

test('of one that is here, parts that follow each other come from one reader, and it reads no farther than is told', async () => {
  const { bytes } = film(40 * MiB, false)
  const ranges: ByteRange[] = []
  const read = (range: ByteRange) => {
    ranges.push(range)
    return bytes.read(range)
  }
  const job = new JobBytes({ size: bytes.size, read }, 16 * MiB)
  expect(job.has({ start: 0, end: 9 })).toBe(true)
  for (const at of [5, 6, 7]) await job.read(at, at + 1, 8)
  expect(ranges).toEqual([{ start: 5, end: 7 }])
  // Behind its end, and before its place.
  await job.read(8, 9, 9)
  await job.read(5, 6, 90)
  await job.read(6, 90, 90)
  expect(ranges.slice(1)).toEqual([
    { start: 8, end: 8 },
    { start: 5, end: 89 },
  ])
  job.close()
})

test('closing ends a read that waits', async () => {
  const { bytes, hold } = film(MiB, true)
  const job = new JobBytes(bytes, MiB)
  hold()
  const reading = job.read(0, 10, 10)
  job.close()
  await expect(reading).rejects.toThrow('closed')
})
