import type { FileStore } from '../../cache/disk/file-store.ts'
import type { FileKey } from '../../common/bittorrent/file-key.ts'
import type { SourceLists } from '../../sources/lists/source-lists.ts'
import type { Downloads } from '../downloads/downloads.ts'
import type { PlayStage } from '../downloads/play-stage.ts'
import { type ProgressElsewhereParts, progressElsewhere } from '../elsewhere/progress-elsewhere.ts'
import type { KnownFiles } from '../files/known-files.ts'
import { pickSource } from '../files/pick-source.ts'
import type { PlayName } from '../files/play-request.ts'
import type { CachedLinks } from '../links/cached-links.ts'
import type { TorrentMetadata } from '../metadata/torrent-metadata.ts'
import type { PlayFailure, PlayFailures } from './play-failures.ts'

/** How far a play is on this server; nothing is named that the asker did not name. */
export type PlayProgress = PlayStage & {
  /** Why the last such play ended without a byte; gone when one gets some. */
  readonly lastFailure?: PlayFailure
}

export interface ProgressParts {
  readonly sourceLists: Pick<SourceLists, 'recall'>
  readonly store: Pick<FileStore, 'stored'>
  readonly knownFiles: Pick<KnownFiles, 'recall'>
  readonly metadata: Pick<TorrentMetadata, 'isAsking'>
  readonly downloads: Pick<Downloads, 'view' | 'isRunning'>
  readonly failures: Pick<PlayFailures, 'of'>
  readonly cachedLinks?: Pick<CachedLinks, 'peek'> | undefined
  /** Where several nodes share one cache. */
  readonly cluster?: ProgressElsewhereParts['cluster'] | undefined
}

/**
 * Starts nothing and asks no provider: it may be asked every second while somebody waits.
 * @param asker `node`: another node, which is told of this one only
 */
export async function progressOf(
  parts: ProgressParts,
  play: PlayName,
  asker: 'viewer' | 'node' = 'viewer',
): Promise<PlayProgress> {
  const lastFailure = parts.failures.of(play)
  const { stage: here, key } = await stageOf(parts, play)
  const { cluster } = parts
  const isElsewhere = cluster && asker === 'viewer' && here.stage === 'idle'
  const stage = (isElsewhere && (await progressElsewhere({ cluster }, play, key))) || here
  return lastFailure ? { ...stage, lastFailure } : stage
}

/** `key`: of its file, where that is known. */
async function stageOf(
  parts: ProgressParts,
  play: PlayName,
): Promise<{ readonly stage: PlayStage; readonly key?: FileKey }> {
  const source = pickSource(await parts.sourceLists.recall(play.title), play)
  if (!source) return { stage: { stage: 'idle' } }
  const { locator } = source
  if (locator.kind === 'url') {
    const key = source.relayed ? parts.cachedLinks?.peek(source) : undefined
    if (key) return { stage: stageHere(parts, key) ?? { stage: 'idle' }, key }
    return { stage: { stage: source.relayed ? 'relay' : 'redirect' } }
  }
  if (locator.kind === 'path') return { stage: { stage: 'ready', from: 'path' } }
  const known = await parts.knownFiles.recall(play.title, source)
  const isAsking = parts.metadata.isAsking(locator, known?.infoHash)
  if (!known) return { stage: { stage: isAsking ? 'metadata' : 'idle' } }
  const here = stageHere(parts, known.key)
  return { stage: here ?? { stage: isAsking ? 'metadata' : 'idle' }, key: known.key }
}

function stageHere({ store, downloads }: ProgressParts, file: FileKey): PlayStage | undefined {
  if (store.stored(file)) return { stage: 'ready', from: 'disk' }
  const view = downloads.view(file)
  if (view) {
    const { key: _key, name: _name, ...rest } = view
    return { stage: 'arriving', ...rest }
  }
  return downloads.isRunning(file) ? { stage: 'waiting' } : undefined
}
