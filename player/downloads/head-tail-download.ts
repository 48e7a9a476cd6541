import type { ByteRange, ByteReader } from '../../common/byte-reader.ts'
import type { FetchableFile } from '../files/fetchable-file.ts'
import type { Permits } from '../jobs/permits.ts'
import type { Job, RunningJob } from '../jobs/shared-job.ts'
import { aborted, type OpenDeps, openDownload } from './open-download.ts'

/** Some seconds of playback, so that the rest arrives while they are watched. */
const HEAD_BYTES = 4 << 20
/** Where players look for an index (MP4 moov, MKV cues) before they begin. */
const TAIL_BYTES = 512 << 10

/** The parts of a file that a player asks for first; one when they meet. */
export function headAndTail(size: number): readonly ByteRange[] {
  if (size <= HEAD_BYTES + TAIL_BYTES) return [{ start: 0, end: size - 1 }]
  return [
    { start: 0, end: HEAD_BYTES - 1 },
    { start: size - TAIL_BYTES, end: size - 1 },
  ]
}

/**
 * The work of a download that nobody watches yet: the ends of the file, into the partial that a play
 * goes on from. It takes only room that is free, and publishes nothing: the next download does.
 */
export async function fetchHeadAndTail(
  deps: OpenDeps & { readonly permits: Permits },
  fetchable: FetchableFile,
  job: Job<unknown>,
): Promise<void> {
  await job.acquirePermit(deps.permits)
  const { janitor } = deps
  const spare: OpenDeps = {
    ...deps,
    fill: 'window',
    janitor: { reserve: (key, layout) => janitor.reserve(key, layout, 'spare') },
  }
  const { file } = await openDownload(spare, fetchable, job, () => [])
  const readers: ByteReader[] = []
  job.defer('readers of the ends', () => {
    for (const reader of readers) reader.close()
  })
  const ends = headAndTail(fetchable.layout.size).map((range) => {
    const reader = file.reader(range)
    readers.push(reader)
    return readThrough(reader)
  })
  await Promise.race([aborted(job.signal), Promise.all(ends)])
  if (!job.signal.aborted) job.ready(undefined)
}

/** Whether it came to its end by itself; fires nothing and rejects never. */
export async function untilOver(job: RunningJob<unknown>, signal: AbortSignal): Promise<boolean> {
  const stop = (): void => void (job.speculative && job.end(signal.reason))
  signal.addEventListener('abort', stop, { once: true })
  if (signal.aborted) stop()
  const whole = job.ready.then(
    () => true,
    () => false,
  )
  await job.over
  signal.removeEventListener('abort', stop)
  return whole
}

async function readThrough(reader: ByteReader): Promise<void> {
  const buffer = Buffer.allocUnsafe(64 << 10)
  while ((await reader.read(buffer)) > 0);
}
