import { LRUCache } from 'lru-cache'
import type { FileStore } from '../../cache/disk/file-store.ts'
import { Fault, type FaultCode } from '../../common/errors.ts'
import type { SourceLists } from '../../sources/lists/source-lists.ts'
import type { DownloadView } from '../downloads/download-view.ts'
import type { Downloads } from '../downloads/downloads.ts'
import type { KnownFiles } from '../files/known-files.ts'
import { pickSource } from '../files/pick-source.ts'
import { nameOfPlay, type PlayName } from '../files/play-request.ts'
import type { TorrentMetadata } from '../metadata/torrent-metadata.ts'

/** How far a play is on this server; nothing is named that the asker did not name. */
export type PlayProgress = PlayStage & {
  /** Why the last play of it ended without a byte; gone when one gets some. */
  readonly lastFailure?: PlayFailure
}

export interface PlayFailure {
  readonly code: FaultCode
  readonly message: string
}

export type PlayStage =
  /** Nobody plays it, or nothing is known of it. */
  | { readonly stage: 'idle' }
  | { readonly stage: 'redirect' }
  /** Whole and here: `path` is the operator's own file. */
  | { readonly stage: 'ready'; readonly from: 'disk' | 'path' }
  /** Asks peers, or another server, what is in the torrent. */
  | { readonly stage: 'metadata' }
  /** Waits for its turn, for room, or for the engine to open it. */
  | { readonly stage: 'waiting' }
  | ({ readonly stage: 'arriving' } & Omit<DownloadView, 'key' | 'name'>)

export interface ProgressParts {
  readonly sourceLists: Pick<SourceLists, 'recall'>
  readonly store: Pick<FileStore, 'stored'>
  readonly knownFiles: Pick<KnownFiles, 'recall'>
  readonly metadata: Pick<TorrentMetadata, 'isAsking'>
  readonly downloads: Pick<Downloads, 'view' | 'isRunning'>
}

const FAILURES = 200
const FAILURE_MS = 10 * 60 * 1000

/** Why plays failed: a browser's player shows no more of an answer than that it was no film. */
export function createFailures() {
  const last = new LRUCache<string, PlayFailure>({ max: FAILURES, ttl: FAILURE_MS })
  return {
    note(play: PlayName, error: unknown) {
      if (!(error instanceof Fault)) return
      last.set(nameOfPlay(play), { code: error.code, message: error.message })
    },
    forget: (play: PlayName) => void last.delete(nameOfPlay(play)),
    of: (play: PlayName): PlayFailure | undefined => last.get(nameOfPlay(play)),
  }
}
export type Failures = ReturnType<typeof createFailures>

/** Starts nothing and asks no provider: it may be asked every second while somebody waits. */
export function createProgress(parts: ProgressParts, failures: Pick<Failures, 'of'>) {
  async function stageOf(play: PlayName): Promise<PlayStage> {
    const source = pickSource(await parts.sourceLists.recall(play.title), play)
    if (!source) return { stage: 'idle' }
    const { locator } = source
    if (locator.kind === 'url') return { stage: 'redirect' }
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

  return async (play: PlayName): Promise<PlayProgress> => {
    const lastFailure = failures.of(play)
    return { ...(await stageOf(play)), ...(lastFailure ? { lastFailure } : {}) }
  }
}
