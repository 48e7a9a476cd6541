import type { Cluster } from '../../cluster/cluster.ts'
import type { TorrentLease } from '../../cluster/torrent-lease.ts'
import type { TorrentLeases } from '../../cluster/torrent-leases.ts'
import type { FileKey } from '../../common/bittorrent/file-key.ts'
import type { Job } from './shared-job.ts'

/** Where several nodes share one index; undefined: this one is alone. */
export interface SharedTorrents {
  readonly cluster?:
    | (Pick<Cluster, 'findHolder'> & { readonly torrents: Pick<TorrentLeases, 'hold'> })
    | undefined
}

/**
 * The lease of a torrent for as long as the job runs, which ends when the lease is lost.
 * @throws FetchedElsewhere another node has it
 */
export async function holdTorrent(
  { cluster }: SharedTorrents,
  infoHash: string,
  job: Pick<Job<unknown>, 'signal' | 'defer' | 'end'>,
): Promise<TorrentLease | undefined> {
  const lease = await cluster?.torrents.hold(infoHash)
  if (!lease) return undefined
  const { lost } = lease
  const end = (): void => job.end(lost.reason)
  job.defer('lease of the torrent', () => {
    lost.removeEventListener('abort', end)
    lease.release()
  })
  lost.addEventListener('abort', end, { once: true })
  if (lost.aborted) end()
  job.signal.throwIfAborted()
  return lease
}

/**
 * The same to download a file. Whether another node has it is asked again under the lease: since the play
 * looked, the one that had the lease before may have come to the end of it.
 * @throws FetchedElsewhere
 */
export async function holdFile(
  shared: SharedTorrents,
  { infoHash, key }: { readonly infoHash: string; readonly key: FileKey },
  job: Parameters<typeof holdTorrent>[2],
): Promise<TorrentLease | undefined> {
  const lease = await holdTorrent(shared, infoHash, job)
  const holder = lease && (await shared.cluster?.findHolder(key))
  if (holder) throw holder
  return lease
}
