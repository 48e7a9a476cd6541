import { setTimeout as sleep } from 'node:timers/promises'
import type { FileStore } from '../../cache/disk/file-store.ts'
import type { Janitor } from '../../cache/limits/janitor.ts'
import { footprint } from '../../common/bittorrent/piece-layout.ts'
import type { Clock } from '../../common/clock.ts'
import { Fault } from '../../common/errors.ts'
import type { Downloads } from '../downloads/downloads.ts'
import type { Download } from '../downloads/run-download.ts'
import type { FetchableFile } from '../files/fetchable-file.ts'
import { createReadTimeouts, WatchedReader } from '../files/watched-reader.ts'
import type { Share } from '../jobs/job-share.ts'
import { GaveWay } from '../jobs/shared-jobs.ts'

export interface StoreFileParts {
  readonly store: Pick<FileStore, 'stored'>
  readonly janitor: Pick<Janitor, 'couldFit'>
  readonly downloads: Pick<Downloads, 'join' | 'view'>
  readonly clock: Clock
  /** From the beginning to the first byte, in milliseconds. */
  readonly timeoutMs: number
  /** How long a read may wait for bytes after the first one, in milliseconds. */
  readonly stallMs: number
  /** How long a download that gave way to a viewer waits before it goes on, in milliseconds. */
  readonly againMs: number
}

const CHUNK = 256 << 10
/** Between two looks whether it has been published, and for how long. Milliseconds. */
const LOOK_MS = 50
const PUBLISH_MS = 60_000

/**
 * Downloads a whole file for nobody who waits; resolves when it is stored. It gives way to every viewer
 * who needs its permit or its room, and goes on later from what is on disk.
 * @throws Fault DOES_NOT_FIT, NO_FIRST_BYTE, STALLED, ...; the signal's reason
 */
export async function storeFile(
  parts: StoreFileParts,
  fetchable: FetchableFile,
  signal: AbortSignal,
): Promise<void> {
  const { store, janitor, downloads, againMs } = parts
  const { key, layout } = fetchable
  while (!store.stored(key)) {
    signal.throwIfAborted()
    if (!(await janitor.couldFit(key, 'file', footprint(layout)))) throw new Fault('DOES_NOT_FIT')
    const share = downloads.join(fetchable, undefined)
    const leave = (): void => share.leave()
    signal.addEventListener('abort', leave, { once: true })
    let read = false
    try {
      // Nobody takes anything yet: it is the first that has to give way.
      share.setIdle(true)
      await readThrough(parts, fetchable, share, signal)
      read = true
      await untilStored(parts, fetchable, signal)
    } catch (error) {
      signal.throwIfAborted()
      if (read || !gaveWay(share, error)) throw error
    } finally {
      signal.removeEventListener('abort', leave)
      leave()
    }
    if (!read) await sleep(againMs, undefined, { signal })
  }
}

/** What was read is flushed, then published; unless it went over to slots meanwhile, where nothing is kept. */
async function untilStored(
  { store }: Pick<StoreFileParts, 'store'>,
  { key }: FetchableFile,
  signal: AbortSignal,
): Promise<void> {
  for (let waited = 0; !store.stored(key); waited += LOOK_MS) {
    if (waited >= PUBLISH_MS) throw new Fault('DOES_NOT_FIT')
    await sleep(LOOK_MS, undefined, { signal })
  }
}

/** Its permit or its room went to somebody who watches. */
function gaveWay(share: Share<Download>, error: unknown): boolean {
  if (error instanceof Fault) return error.code === 'TOO_MANY_ARRIVALS'
  return share.endedBy instanceof GaveWay
}

/** A file of which the engine fetches only what is read has to be read. */
async function readThrough(
  parts: StoreFileParts,
  { key, layout }: FetchableFile,
  share: Share<Download>,
  signal: AbortSignal,
): Promise<void> {
  const { clock, timeoutMs, stallMs, store, downloads } = parts
  const download = await share.result
  if (download.from === 'disk') return
  // Through slots nothing is kept of it.
  if (downloads.view(key)?.percent === undefined && !store.stored(key)) {
    throw new Fault('DOES_NOT_FIT')
  }
  const firstByteBy = clock.steady() + timeoutMs
  const timeouts = createReadTimeouts(() => firstByteBy - clock.steady(), stallMs)
  const whole = { start: 0, end: layout.size - 1 }
  const reader = new WatchedReader(whole, download.source, timeouts, () => share.endedBy)
  const close = (): void => reader.close()
  signal.addEventListener('abort', close, { once: true })
  try {
    const buffer = Buffer.allocUnsafe(CHUNK)
    while ((await reader.read(buffer)) > 0) signal.throwIfAborted()
  } finally {
    signal.removeEventListener('abort', close)
    reader.close()
  }
}
