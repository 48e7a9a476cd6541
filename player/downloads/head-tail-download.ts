import { footprint } from '../../common/bittorrent/piece-layout.ts'
import type { ByteRange, ByteReader } from '../../common/byte-reader.ts'
import { Fault } from '../../common/errors.ts'
import type { Permits } from '../../common/permits/permits.ts'
import type { FetchableFile } from '../files/fetchable-file.ts'
import { holdFile, type SharedTorrents } from '../jobs/hold-torrent.ts'
import type { Job, RunningJob } from '../jobs/shared-job.ts'
import { aborted, type OpenDeps, openDownload } from './open-download.ts'

/** Some seconds of playback: the rest is downloaded while they are watched. */
const HEAD_BYTES = 4 << 20
/** Where players look for an index (MP4 moov, MKV cues) before they begin. */
const TAIL_BYTES = 512 << 10

/** The parts of a file that a player asks for first: two ranges, or one when they meet. */
export function headAndTail(size: number): readonly ByteRange[] {
  if (size <= HEAD_BYTES + TAIL_BYTES) return [{ start: 0, end: size - 1 }]
  return [
    { start: 0, end: HEAD_BYTES - 1 },
    { start: size - TAIL_BYTES, end: size - 1 },
  ]
}

/**
 * The work of a download that nobody watches yet: head and tail of the file, written to the partial
 * that a play goes on from. It uses only room that is free, and publishes nothing: that is left to
 * the next download of the file.
 */
export async function fetchHeadAndTail(
  deps: OpenDeps & SharedTorrents & { readonly permits: Permits },
  fetchable: FetchableFile,
  job: Job<unknown>,
): Promise<void> {
  const lease = await holdFile(deps, fetchable, job)
  await job.acquirePermit(deps.permits)
  await expectSpare(deps, fetchable)
  const onlyAhead: OpenDeps = { ...deps, fill: 'window' }
  // Without a budget: it takes only room that is free.
  const { file, room } = await openDownload(onlyAhead, fetchable, job, {
    lease,
    bytesRead: () => 0,
  })
  const readers: ByteReader[] = []
  job.defer('readers of head and tail', () => {
    for (const reader of readers) reader.close()
  })
  const reading = headAndTail(fetchable.layout.size).map((range) => {
    const reader = file.reader(range)
    readers.push(reader)
    return readThrough(reader)
  })
  const denied = room.denied.then(() => Promise.reject(new Fault('DOES_NOT_FIT')))
  await Promise.race([aborted(job.signal), Promise.all(reading), denied])
  if (!job.signal.aborted) job.resolve(undefined)
}

/** What would not find free room as a whole is not begun. @throws Fault DOES_NOT_FIT */
async function expectSpare({ janitor }: OpenDeps, { key, layout }: FetchableFile): Promise<void> {
  const reservation = janitor.reserve(key, 'file')
  try {
    await reservation.grow(footprint(layout))
  } finally {
    reservation.release()
  }
}

/**
 * Resolves when the job has given everything back, with whether it came to its result. The signal
 * ends the job unless a viewer has joined it. Never rejects.
 */
export async function untilOver(job: RunningJob<unknown>, signal: AbortSignal): Promise<boolean> {
  const stop = (): void => void (job.speculative && job.end(signal.reason))
  signal.addEventListener('abort', stop, { once: true })
  if (signal.aborted) stop()
  const succeeded = job.result.then(
    () => true,
    () => false,
  )
  await job.over
  signal.removeEventListener('abort', stop)
  return succeeded
}

async function readThrough(reader: ByteReader): Promise<void> {
  const buffer = Buffer.allocUnsafe(64 << 10)
  while ((await reader.read(buffer)) > 0);
}
