import type { TorrentLease, TorrentLeases } from '../../cluster/torrent-leases.ts'
import type { Job } from './shared-job.ts'

/** Where several nodes share one index; undefined: this one is alone. */
export interface SharedTorrents {
  readonly torrents?: Pick<TorrentLeases, 'hold'> | undefined
}

/**
 * The lease of a torrent for as long as the job runs, which ends when the lease is lost.
 * @throws FetchedElsewhere another node has it
 */
export async function holdTorrent(
  { torrents }: SharedTorrents,
  infoHash: string,
  job: Pick<Job<unknown>, 'signal' | 'defer' | 'end'>,
): Promise<TorrentLease | undefined> {
  const lease = await torrents?.hold(infoHash)
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
