import type { FileStore } from '../../cache/disk/file-store.ts'
import type { SourceLists } from '../../sources/lists/source-lists.ts'
import type { DownloadView } from '../downloads/download-view.ts'
import type { Downloads } from '../downloads/downloads.ts'
import type { KnownFiles } from '../files/known-files.ts'
import { pickSource } from '../files/pick-source.ts'
import type { PlayName } from '../files/play-request.ts'
import type { TorrentMetadata } from '../metadata/torrent-metadata.ts'
import type { PlayFailure, PlayFailures } from './play-failures.ts'

/** How far a play is on this server; nothing is named that the asker did not name. */
export type PlayProgress = PlayStage & {
  /** Why the last such play ended without a byte; gone when one gets some. */
  readonly lastFailure?: PlayFailure
}

export type PlayStage =
  /** Nobody plays it, or nothing is known of it. */
  | { readonly stage: 'idle' }
  | { readonly stage: 'redirect' }
  /** Another server is asked for the bytes, by this one. */
  | { readonly stage: 'relay' }
  /** All its bytes are here. `path` is a file of the operator's own. */
  | { readonly stage: 'ready'; readonly from: 'disk' | 'path' }
  /** Asks peers, or another server, what is in the torrent. */
  | { readonly stage: 'metadata' }
  /** Waits for a permit, for room, or for the engine to open it. */
  | { readonly stage: 'waiting' }
  | ({ readonly stage: 'arriving' } & Omit<DownloadView, 'key' | 'name'>)

export interface ProgressParts {
  readonly sourceLists: Pick<SourceLists, 'recall'>
  readonly store: Pick<FileStore, 'stored'>
  readonly knownFiles: Pick<KnownFiles, 'recall'>
  readonly metadata: Pick<TorrentMetadata, 'isAsking'>
  readonly downloads: Pick<Downloads, 'view' | 'isRunning'>
  readonly failures: Pick<PlayFailures, 'of'>
}

/** Starts nothing and asks no provider: it may be asked every second while somebody waits. */
export async function progressOf(parts: ProgressParts, play: PlayName): Promise<PlayProgress> {
  const lastFailure = parts.failures.of(play)
  const stage = await stageOf(parts, play)
  return lastFailure ? { ...stage, lastFailure } : stage
}

async function stageOf(parts: ProgressParts, play: PlayName): Promise<PlayStage> {
  const source = pickSource(await parts.sourceLists.recall(play.title), play)
  if (!source) return { stage: 'idle' }
  const { locator } = source
  if (locator.kind === 'url') return { stage: source.relayed ? 'relay' : 'redirect' }
  if (locator.kind === 'path') return { stage: 'ready', from: 'path' }
  const known = await parts.knownFiles.recall(play.title, source)
  if (known && parts.store.stored(known.key)) return { stage: 'ready', from: 'disk' }
  const view = known && parts.downloads.view(known.key)
  if (view) {
    const { key: _key, name: _name, ...rest } = view
    return { stage: 'arriving', ...rest }
  }
  if (known && parts.downloads.isRunning(known.key)) return { stage: 'waiting' }
  if (parts.metadata.isAsking(locator, known?.infoHash)) return { stage: 'metadata' }
  return { stage: 'idle' }
}
