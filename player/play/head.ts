import type { FileStore } from '../../cache/disk/file-store.ts'
import { fileEtag } from '../../common/bittorrent/file-key.ts'
import type { Blocklist } from '../../common/blocklist.ts'
import { Fault } from '../../common/errors.ts'
import type { Outbound } from '../../common/network/outbound.ts'
import type { Title } from '../../common/title.ts'
import type { SourceLists } from '../../sources/lists/source-lists.ts'
import type { NumberedSource, Source } from '../../sources/source.ts'
import type { Downloads } from '../downloads/downloads.ts'
import { refuseBlocked } from '../files/blocked.ts'
import { pathEtag, pathName } from '../files/direct-path.ts'
import { type KnownFile, type KnownFiles, knownInfoHash } from '../files/known-files.ts'
import type { PlayRequest } from '../files/play-request.ts'
import type { CacheState, HeadAnswer } from '../files/playable.ts'
import { openRegularFile } from '../files/read-file.ts'
import type { VideoHashes } from '../files/video-hashes.ts'

export interface HeadParts {
  readonly blocklist: Blocklist
  readonly sourceLists: SourceLists
  readonly store: FileStore
  readonly outbound: Outbound
  readonly knownFiles: KnownFiles
  readonly downloads: Downloads
  /** For providers, when no source list is there yet; milliseconds. */
  readonly providerWaitMs: number
}

/** HEAD: what can be said without starting or stopping anything. The engine is never asked. */
export function createHead(parts: HeadParts) {
  return async function head(request: PlayRequest): Promise<HeadAnswer> {
    const source = await resolveInTime(parts, request)
    const { locator } = source
    if (locator.kind === 'url') {
      if (!parts.outbound.mayRedirect(locator.url)) throw new Fault('BAD_REDIRECT')
      return { kind: 'redirect', url: locator.url }
    }
    if (locator.kind === 'path') return headOfPath(locator.path)
    const known = await parts.knownFiles.recall(request.title, source)
    refuseBlocked(parts.blocklist, known?.infoHash)
    return { kind: 'bytes', ...describe(parts.store, known, source) }
  }
}

/** The source, from the source list or from providers that answer at once. @throws Fault of resolve, never 504 */
async function resolveInTime(
  { sourceLists, providerWaitMs }: HeadParts,
  request: PlayRequest,
): Promise<NumberedSource> {
  const { title, number, key, signal } = request
  const hurry = new AbortController()
  const late = Promise.withResolvers<undefined>()
  const timer = setTimeout(() => late.resolve(undefined), providerWaitMs)
  try {
    const both = AbortSignal.any([signal, hurry.signal])
    const source = await Promise.race([sourceLists.resolve(title, number, key, both), late.promise])
    if (source) return source
  } finally {
    clearTimeout(timer)
    hurry.abort() // the providers, when they are still at it
  }
  const sourceList = await sourceLists.recall(title)
  if (!sourceList) throw new Fault('UNKNOWN_TITLE')
  throw new Fault('UNKNOWN_SOURCE', { available: sourceList.sources.length })
}

async function headOfPath(path: string): Promise<HeadAnswer> {
  const { handle, stat } = await openRegularFile(path)
  await handle.close()
  return { kind: 'bytes', name: pathName(path), size: Number(stat.size), etag: pathEtag(stat) }
}

function describe(store: FileStore, known: KnownFile | undefined, source: Source) {
  if (!known) return { name: source.filename ?? '' }
  const record = store.stored(known.key)
  const size = record?.layout.size ?? known.size
  return {
    name: record?.name ?? known.name ?? source.filename ?? '',
    etag: fileEtag(known.key),
    ...(size === undefined ? {} : { size }),
  }
}

export interface StateParts extends Pick<HeadParts, 'store' | 'knownFiles' | 'downloads'> {
  readonly hashes: VideoHashes
}

/**
 * Before a list: reads back what is remembered of sources whose torrents have files here, which after
 * a restart is in the index only. Never rejects.
 */
export async function recallStored(
  { store, knownFiles, hashes }: StateParts,
  title: Title,
  sources: readonly NumberedSource[],
): Promise<void> {
  const unknown = sources.filter((source) => !knownFiles.peek(title, source))
  if (unknown.length === 0) return
  const here = new Set<string>()
  for (const { key } of store.records()) here.add(key.slice(0, key.indexOf('/')))
  if (here.size === 0) return
  const perhaps = unknown.filter((source) => {
    const infoHash = knownInfoHash(source)
    return infoHash === undefined ? source.locator.kind === 'torrent' : here.has(infoHash)
  })
  await Promise.all(
    perhaps.map(async (source) => {
      const known = await knownFiles.recall(title, source)
      if (known) await hashes.compute(known.key)
    }),
  )
}

/** For lists: what is here of a source, as far as it is known without asking. */
export function stateOf(
  { store, knownFiles, downloads, hashes }: StateParts,
  title: Title,
  source: Source,
): CacheState {
  // A file of this machine: nothing has to arrive.
  if (source.locator.kind === 'path') return { kind: 'ready' }
  const known = knownFiles.peek(title, source)
  if (!known) return { kind: 'remote' }
  if (store.stored(known.key)) {
    const videoHash = hashes.peek(known.key)
    return { kind: 'ready', ...(videoHash === undefined ? {} : { videoHash }) }
  }
  const percent = downloads.percent(known.key)
  return percent === undefined ? { kind: 'remote' } : { kind: 'downloading', percent }
}
