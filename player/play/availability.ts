import { setTimeout as sleep } from 'node:timers/promises'
import type { FileStore } from '../../cache/disk/file-store.ts'
import type { FilesElsewhere } from '../../cluster/files-elsewhere.ts'
import type { Availability, FileFacts } from '../../common/availability.ts'
import { fileEtag } from '../../common/bittorrent/file-key.ts'
import type { Title } from '../../common/title.ts'
import type { NumberedSource, Source } from '../../sources/source.ts'
import type { Downloads } from '../downloads/downloads.ts'
import { type KnownFile, type KnownFiles, knownInfoHash } from '../files/known-files.ts'
import type { VideoHashes } from '../files/video-hashes.ts'
import type { ProbedFilms } from '../films/probed-films.ts'
import type { CachedLinks } from '../links/cached-links.ts'
import type { MeasuredPlays } from '../trace/measured-plays.ts'
import type { ChosenFiles } from './chosen-files.ts'
import type { LocalFiles } from './local-files.ts'

/** What this server, or one that shares its cache, has of listed sources. */
export interface AvailabilityLookup {
  /** What is known without asking anybody: synchronous, for lists. */
  of(title: Title, source: NumberedSource): Availability
  /**
   * To be called before a list: reads back what the index remembers of sources whose torrents have
   * files here (after a restart it is not in memory), and finds their files where what is in their torrents is
   * known, and what is in them where somebody has looked. Never rejects.
   */
  recall(title: Title, sources: readonly NumberedSource[]): Promise<void>
  /**
   * Waits until it is known which files of their torrents these sources mean, at most `ms`
   * milliseconds: a client asks for the subtitles of a play before the play has found out. Starts
   * nothing. Never rejects.
   */
  whenKnown(
    title: Title,
    sources: readonly NumberedSource[],
    wait: { readonly ms: number; readonly signal: AbortSignal },
  ): Promise<void>
}

export interface AvailabilityParts {
  readonly store: Pick<FileStore, 'stored' | 'records'>
  readonly knownFiles: Pick<KnownFiles, 'peek' | 'recall'>
  readonly chosenFiles: Pick<ChosenFiles, 'find'>
  readonly measured: Pick<MeasuredPlays, 'peek' | 'recall'>
  readonly localFiles: Pick<LocalFiles, 'peek' | 'look'>
  /** Undefined: films are not looked into. */
  readonly films: Pick<ProbedFilms, 'peekTracks' | 'recall'> | undefined
  readonly downloads: Pick<Downloads, 'percent'>
  readonly hashes: VideoHashes
  /** Undefined: links are not kept. */
  readonly cachedLinks?: Pick<CachedLinks, 'peek' | 'recall'> | undefined
  /** Where several nodes share one cache. */
  readonly cluster?:
    | { readonly files: Pick<FilesElsewhere, 'has' | 'hasTorrent' | 'isEmpty' | 'refresh'> }
    | undefined
}

const CHECK_EVERY_MS = 200

export const createAvailability = (parts: AvailabilityParts): AvailabilityLookup => ({
  of: (title, source) => availabilityOf(parts, title, source),
  recall: (title, sources) => recallStored(parts, title, sources),
  whenKnown: (title, sources, wait) => whenKnown(parts, title, sources, wait),
})

function availabilityOf(
  parts: AvailabilityParts,
  title: Title,
  source: NumberedSource,
): Availability {
  const known = parts.knownFiles.peek(title, source)
  const file = factsOf(parts, title, source, known)
  return { ...presenceOf(parts, source, known), ...(file && { file }) }
}

function factsOf(
  { films, localFiles, measured }: AvailabilityParts,
  title: Title,
  source: NumberedSource,
  known: KnownFile | undefined,
): FileFacts | undefined {
  const { locator } = source
  const local = locator.kind === 'path' ? localFiles.peek(locator.path) : undefined
  const etag = known ? fileEtag(known.key) : local?.etag
  const tracks = etag === undefined ? undefined : films?.peekTracks(etag)
  const { name, size = local?.size } = known ?? {}
  const played = measured.peek(title, nameMeasured(source, known))
  const file = {
    ...(name !== undefined && { name }),
    ...(size !== undefined && { size }),
    ...(tracks && { tracks }),
    ...(played && { played }),
  }
  return Object.keys(file).length === 0 ? undefined : file
}

/** As `measuredAs` of the playable. After a restart the file may not be known: then its torrent. */
const nameMeasured = (source: NumberedSource, known: KnownFile | undefined): string => {
  const infoHash = knownInfoHash(source)
  return known?.key ?? (infoHash === undefined ? source.key : `${infoHash}/`)
}

function presenceOf(
  { store, downloads, hashes, cachedLinks, cluster }: AvailabilityParts,
  source: Source,
  known: KnownFile | undefined,
): Availability {
  // A file of this machine: nothing has to be downloaded.
  if (source.locator.kind === 'path') return { kind: 'ready' }
  const key = cachedLinks?.peek(source) ?? known?.key
  if (!key) return { kind: 'remote' }
  if (store.stored(key)) {
    const videoHash = hashes.peek(key)
    return videoHash === undefined ? { kind: 'ready' } : { kind: 'ready', videoHash }
  }
  // It plays from there as from here.
  if (cluster?.files.has(key)) return { kind: 'ready' }
  const percent = downloads.percent(key)
  return percent === undefined ? { kind: 'remote' } : { kind: 'downloading', percent }
}

async function recallStored(
  parts: AvailabilityParts,
  title: Title,
  sources: readonly NumberedSource[],
): Promise<void> {
  const { measured, cachedLinks, cluster } = parts
  const links = cachedLinks?.recall(sources)
  await Promise.all([cluster?.files.refresh(), measured.recall(title), links])
  await findFiles(parts, title, sources)
  await Promise.all(sources.map((source) => recallTracks(parts, title, source)))
}

/** What is in the files that are here, where somebody has looked. */
async function recallTracks(
  { store, knownFiles, films, localFiles }: AvailabilityParts,
  title: Title,
  source: NumberedSource,
): Promise<void> {
  const { locator } = source
  if (locator.kind === 'path') {
    const local = await localFiles.look(locator.path)
    if (local) await films?.recall(local.etag)
    return
  }
  const known = knownFiles.peek(title, source)
  if (known && store.stored(known.key)) await films?.recall(fileEtag(known.key))
}

async function findFiles(
  parts: AvailabilityParts,
  title: Title,
  sources: readonly NumberedSource[],
): Promise<void> {
  const { store, knownFiles, chosenFiles } = parts
  const unnamed = (source: NumberedSource) =>
    source.locator.kind !== 'path' && knownFiles.peek(title, source)?.name === undefined
  if (!sources.some(unnamed)) return
  const storedHashes = new Set<string>()
  for (const { key } of store.records()) storedHashes.add(key.slice(0, key.indexOf('/')))
  await recallFromIndex(parts, title, sources, storedHashes)
  const isHere = (infoHash: string) => storedHashes.has(infoHash)
  await Promise.all(
    sources.filter(unnamed).map((source) => chosenFiles.find(title, source, isHere)),
  )
}

async function recallFromIndex(
  { store, knownFiles, hashes, cluster }: AvailabilityParts,
  title: Title,
  sources: readonly NumberedSource[],
  storedHashes: ReadonlySet<string>,
): Promise<void> {
  const unknown = sources.filter((source) => !knownFiles.peek(title, source))
  const elsewhere = cluster?.files
  if (storedHashes.size === 0 && (elsewhere?.isEmpty ?? true)) return
  const candidates = unknown.filter((source) => {
    const infoHash = knownInfoHash(source)
    if (infoHash === undefined) return source.locator.kind === 'torrent'
    return storedHashes.has(infoHash) || elsewhere?.hasTorrent(infoHash)
  })
  await Promise.all(
    candidates.map(async (source) => {
      const known = await knownFiles.recall(title, source)
      if (known && store.stored(known.key)) await hashes.compute(known.key)
    }),
  )
}

async function whenKnown(
  { knownFiles }: AvailabilityParts,
  title: Title,
  sources: readonly NumberedSource[],
  { ms, signal }: { readonly ms: number; readonly signal: AbortSignal },
): Promise<void> {
  const torrents = sources.filter(
    ({ locator: { kind } }) => kind === 'magnet' || kind === 'torrent',
  )
  for (let waited = 0; waited < ms && !signal.aborted; waited += CHECK_EVERY_MS) {
    if (torrents.every((source) => knownFiles.peek(title, source))) return
    await sleep(CHECK_EVERY_MS, undefined, { signal }).catch(() => undefined)
  }
}
