import type { FileStore, PartialFile } from '../../cache/disk/file-store.ts'
import type { TorrentLease } from '../../cluster/torrent-lease.ts'
import type { FileKey } from '../../common/bittorrent/file-key.ts'
import type { Log } from '../../common/log.ts'
import type { ByteSource } from '../files/watched-reader.ts'
import type { SharedTorrents } from '../jobs/hold-torrent.ts'
import type { Job } from '../jobs/shared-job.ts'

interface PublishDeps extends SharedTorrents {
  readonly store: Pick<FileStore, 'pin'>
  readonly log: Log
  /** Published only while it is held. */
  readonly lease?: Pick<TorrentLease, 'confirm'> | undefined
  /** Told of each file that is complete and has been published. */
  readonly published?: (key: FileKey) => void
}

/** From here on plays find the file on disk, and those that read it already go on from there. */
export async function publish(
  deps: PublishDeps,
  key: FileKey,
  partial: PartialFile,
  job: Pick<Job<unknown>, 'deferUntilLeft' | 'end'>,
): Promise<ByteSource | undefined> {
  try {
    if (!(await partial.publish(() => mayPublish(deps, key, job)))) return undefined
    deps.log.debug({ key }, 'published')
    deps.published?.(key)
    return await pinUntilLeft(deps, key, job)
  } catch (error) {
    // All its pieces are on disk: the next play opens the partial again and publishes it.
    deps.log.error({ err: error, key }, 'could not publish')
    return undefined
  }
}

/**
 * A lease that ran out is claimed anew where it is free. Who had it in between has come to the end of the
 * download perhaps, and then the file is published already: the job ends, and its plays go there.
 */
async function mayPublish(
  { cluster, lease }: PublishDeps,
  key: FileKey,
  job: Pick<Job<unknown>, 'end'>,
): Promise<boolean> {
  if (!lease) return true
  if (!(await lease.confirm())) return false
  const holder = await cluster?.findHolder(key)
  if (holder) job.end(holder)
  return holder === undefined
}

/** The complete file on disk, pinned until the last viewer of the job has left. */
export async function pinUntilLeft(
  { store }: Pick<PublishDeps, 'store'>,
  key: FileKey,
  job: Pick<Job<unknown>, 'deferUntilLeft'>,
): Promise<ByteSource | undefined> {
  const disk = await store.pin(key)
  if (disk) job.deferUntilLeft('disk', () => disk.release())
  return disk
}
