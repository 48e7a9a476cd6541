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
  const job = new JobBytes(bytes)
  expect(await job.read(100, 200)).toEqual(Buffer.alloc(100, 7))
  expect([...wanted]).toEqual([{ start: 100, end: 100 + 16 * MiB - 1 }])
  await job.read(30 * MiB, 30 * MiB + 5)
  expect([...wanted]).toEqual([{ start: 30 * MiB, end: 40 * MiB - 1 }])
  arrived.push(0)
  await job.read(0, 100)
  expect([...wanted]).toEqual([{ start: 30 * MiB, end: 40 * MiB - 1 }])
  arrived.pop()
  await job.read(0, 20 * MiB)
  expect([...wanted]).toEqual([{ start: 0, end: 20 * MiB - 1 }])
  // The one before is given back behind the first read of the next: there is always one.
  expect(wantedAtRead).toEqual([1, 2, 2, 2])
  job.close()
  expect(wanted.size).toBe(0)
  await expect(job.read(0, 1)).rejects.toThrow('closed')
})

test('of one that is here nothing more is opened than is read', async () => {
  const { bytes, wanted } = film(40 * MiB, false)
  const ranges: ByteRange[] = []
  const job = new JobBytes({
    size: bytes.size,
    read(range) {
      ranges.push(range)
      return bytes.read(range)
    },
  })
  await job.read(5, 6)
  expect(wanted.size).toBe(0)
  expect(ranges).toEqual([{ start: 5, end: 5 }])
  expect(job.has({ start: 0, end: 9 })).toBe(true)
})

test('closing ends a read that waits', async () => {
  const { bytes, hold } = film(MiB, true)
  const job = new JobBytes(bytes)
  hold()
  const reading = job.read(0, 10)
  job.close()
  await expect(reading).rejects.toThrow('closed')
})
