import type { DownloadView } from './download-view.ts'

/** Where a play is on its way to its first byte, and how far its file has come. */
export type PlayStage =
  /** Nobody plays it, or nothing is known of it. */
  | { readonly stage: 'idle' }
  | { readonly stage: 'redirect' }
  /** Another server is asked for the bytes, by this one. */
  | { readonly stage: 'relay' }
  /** All its bytes are here, or at another node of the cluster. `path` is a file of the operator's own. */
  | { readonly stage: 'ready'; readonly from: 'disk' | 'path' | 'node' }
  /** Asks peers, or another server, what is in the torrent. */
  | { readonly stage: 'metadata' }
  /** Waits for a permit, for room, or for the engine to open it. */
  | { readonly stage: 'waiting' }
  | ({ readonly stage: 'arriving' } & Omit<DownloadView, 'key' | 'name'>)
