import type { FileStore } from '../../cache/disk/file-store.ts'
import { fileEtag } from '../../common/bittorrent/file-key.ts'
import type { Blocklist } from '../../common/blocklist.ts'
import { Fault } from '../../common/errors.ts'
import type { Outbound } from '../../common/network/outbound.ts'
import type { SourceLists } from '../../sources/lists/source-lists.ts'
import type { NumberedSource, Source } from '../../sources/source.ts'
import { refuseBlocked } from '../files/blocked.ts'
import { pathEtag, pathName } from '../files/direct-path.ts'
import type { KnownFile, KnownFiles } from '../files/known-files.ts'
import type { PlayRequest } from '../files/play-request.ts'
import type { HeadAnswer } from '../files/playable.ts'
import { openRegularFile } from '../files/read-file.ts'
import type { CachedLinks } from '../links/cached-links.ts'
import type { Relay } from '../relay/relay.ts'

export interface HeadParts {
  readonly blocklist: Blocklist
  readonly sourceLists: Pick<SourceLists, 'resolve' | 'recall'>
  readonly store: Pick<FileStore, 'stored'>
  readonly outbound: Pick<Outbound, 'mayRedirect'>
  readonly knownFiles: Pick<KnownFiles, 'recall'>
  readonly relay: Pick<Relay, 'head'>
  readonly cachedLinks?: Pick<CachedLinks, 'head'> | undefined
  /** How long providers may take when there is no source list yet, in milliseconds. */
  readonly providerWaitMs: number
}

/**
 * The answer to HEAD: what can be said without starting or stopping anything. The engine is never
 * asked.
 */
export async function headOf(parts: HeadParts, request: PlayRequest): Promise<HeadAnswer> {
  const source = await resolveInTime(parts, request)
  const { locator } = source
  if (locator.kind === 'url') {
    if (!parts.outbound.mayRedirect(locator.url)) throw new Fault('BAD_REDIRECT')
    if (!source.relayed) return { kind: 'redirect', url: locator.url }
    return parts.cachedLinks?.head(source) ?? parts.relay.head(source)
  }
  if (locator.kind === 'path') return headOfPath(locator.path)
  const known = await parts.knownFiles.recall(request.title, source)
  refuseBlocked(parts.blocklist, known?.infoHash)
  return headOfFile(parts.store, known, source)
}

/**
 * The source, from its list or from providers that answer soon.
 * @throws Fault as SourceLists.resolve; 404 when providers are too slow
 */
async function resolveInTime(
  { sourceLists, providerWaitMs }: HeadParts,
  request: PlayRequest,
): Promise<NumberedSource> {
  const { title, number, sourceKey, signal, asker } = request
  const giveUp = new AbortController()
  const late = Promise.withResolvers<undefined>()
  const timer = setTimeout(() => late.resolve(undefined), providerWaitMs)
  try {
    const resolving = sourceLists.resolve(
      title,
      number,
      sourceKey,
      AbortSignal.any([signal, giveUp.signal]),
      asker,
    )
    const source = await Promise.race([resolving, late.promise])
    if (source) return source
  } finally {
    clearTimeout(timer)
    giveUp.abort() // ends the wait for providers that have not answered
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

function headOfFile(
  store: HeadParts['store'],
  known: KnownFile | undefined,
  source: Source,
): HeadAnswer {
  if (!known) return { kind: 'bytes', name: source.filename ?? '' }
  const record = store.stored(known.key)
  const size = record?.layout.size ?? known.size
  return {
    kind: 'bytes',
    name: record?.name ?? known.name ?? source.filename ?? '',
    etag: fileEtag(known.key),
    ...(size === undefined ? {} : { size }),
  }
}
