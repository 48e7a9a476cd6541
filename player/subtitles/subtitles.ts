import { LRUCache } from 'lru-cache'
import type { FileStore } from '../../cache/disk/file-store.ts'
import type { Cluster } from '../../cluster/cluster.ts'
import { fileEtag, parseFileKey } from '../../common/bittorrent/file-key.ts'
import type { Clock } from '../../common/clock.ts'
import { Fault } from '../../common/errors.ts'
import type { Log } from '../../common/log.ts'
import type { Outbound } from '../../common/network/outbound.ts'
import { readWhole } from '../../common/read-whole.ts'
import type { SubtitleTrack } from '../../common/subtitles/subtitle-track.ts'
import { type Title, titleId } from '../../common/title.ts'
import type { SourceLists } from '../../sources/lists/source-lists.ts'
import { externalSubtitles } from '../../sources/matching/external-subtitles.ts'
import type { NameParser } from '../../sources/names/name-parser.ts'
import type { Locator, NumberedSource } from '../../sources/source.ts'
import { refuseBlocked } from '../files/blocked.ts'
import { openDirectPath } from '../files/direct-path.ts'
import { type FetchableFile, fetchableAt } from '../files/fetchable-file.ts'
import { pickSource } from '../files/pick-source.ts'
import type { PlayName } from '../files/play-request.ts'
import { watchPlayable } from '../files/watched-playable.ts'
import { createViewer, type Viewer } from '../jobs/viewer.ts'
import type { TorrentLocator } from '../metadata/torrent-lookup.ts'
import type { TorrentMetadata } from '../metadata/torrent-metadata.ts'
import { type EmbeddedSubtitles, embeddedId } from './embedded-subtitles.ts'
import { localEtag, localSubtitle, localTracks } from './local-subtitles.ts'
import { lookInto, type Wait } from './look-into.ts'
import { openVideo, type VideoParts, videoOf } from './open-video.ts'
import { StatedSubtitles, statedTracks } from './stated-subtitles.ts'
import type { SubtitleRequest, SubtitleText } from './subtitle-request.ts'
import { webVtt } from './subtitle-text.ts'
import { subtitlesAnywhere } from './subtitles-anywhere.ts'

/** The subtitles of a source's video: files beside it, in its torrent or its folder or told by its provider, and tracks within. */
export interface Subtitles {
  /** As far as they are known; nobody is asked and nothing is fetched. Never rejects. */
  tracks(title: Title, source: NumberedSource): Promise<readonly SubtitleTrack[]>
  /** The same for whoever plays it: nothing is started, an unknown source has none. */
  listed(play: PlayName): Promise<readonly SubtitleTrack[]>
  /**
   * Looks into the files that these sources mean, at most `ms` milliseconds: as soon as they are here or on their
   * way. Starts no download. Never rejects.
   */
  look(title: Title, sources: readonly NumberedSource[], wait: Wait): Promise<void>
  /** One of them as WebVTT, fetched like a video. @throws Fault as a play; NOT_FOUND when there is no such track */
  text(request: SubtitleRequest): Promise<SubtitleText>
  /** The answer to HEAD: whether there is such a track; starts nothing. */
  isKnown(request: SubtitleRequest): Promise<boolean>
}

export interface SubtitleParts extends VideoParts {
  /** Undefined: films are not looked into. */
  readonly embedded?: EmbeddedSubtitles | undefined
  readonly store: Pick<FileStore, 'stored'>
  readonly sourceLists: Pick<SourceLists, 'resolve' | 'recall'>
  readonly metadata: Pick<TorrentMetadata, 'known' | 'find'>
  readonly parser: NameParser
  readonly outbound: Pick<Outbound, 'get'>
  readonly timeoutMs: number
  /** Fires with Fault DRAINING when nothing new may begin. */
  readonly draining: AbortSignal
  readonly clock: Clock
  readonly log: Log
  /** Where several nodes share one index. */
  readonly cluster?: Pick<Cluster, 'nodes' | 'client' | 'expectNoHolder'> | undefined
}

const MAX_CACHED = 2000
/** The operator may add a file; the files of a torrent never change. */
const LOCAL_TTL_MS = 30_000
const NONE: readonly SubtitleTrack[] = []

export const createSubtitles = (parts: SubtitleParts): Subtitles => new ExternalSubtitles(parts)

class ExternalSubtitles implements Subtitles {
  readonly #parts: SubtitleParts
  readonly #cache = new LRUCache<string, readonly SubtitleTrack[]>({ max: MAX_CACHED })

  readonly #stated: StatedSubtitles

  constructor(parts: SubtitleParts) {
    this.#parts = parts
    this.#stated = new StatedSubtitles(parts.outbound)
  }

  async tracks(title: Title, source: NumberedSource): Promise<readonly SubtitleTrack[]> {
    const { locator } = source
    if (locator.kind === 'path') {
      const { path } = locator
      const files = await this.#cached(path, LOCAL_TTL_MS, () => localTracks(path))
      const etag = await localEtag(path)
      return etag === undefined ? files : this.#withEmbedded(files, etag, true)
    }
    const stated = statedTracks(source)
    const known = locator.kind === 'url' ? undefined : this.#parts.knownFiles.peek(title, source)
    if (!known) return stated
    const beside = await this.#cached(`${known.key} ${titleId(title)}`, 0, () =>
      this.#tracksInTorrent(title, known.key),
    )
    const isHere = this.#parts.store.stored(known.key) !== undefined
    return this.#withEmbedded([...beside, ...stated], fileEtag(known.key), isHere)
  }

  async #withEmbedded(files: readonly SubtitleTrack[], etag: string, isHere: boolean) {
    const within = (await this.#parts.embedded?.tracks(etag, isHere)) ?? NONE
    return within.length === 0 ? files : [...files, ...within]
  }

  async look(title: Title, sources: readonly NumberedSource[], wait: Wait): Promise<void> {
    await Promise.all(sources.map((source) => lookInto(this.#parts, title, source, wait)))
  }

  async text(request: SubtitleRequest): Promise<SubtitleText> {
    const { draining, timeoutMs, clock, cluster } = this.#parts
    draining.throwIfAborted()
    const viewer = createViewer(request.signal, timeoutMs, clock, request.asker)
    const here = (asked: SubtitleRequest, by: Viewer) => this.#text(asked, by)
    const read = cluster ? subtitlesAnywhere({ cluster, clock }, here) : here
    try {
      return await read(request, viewer)
    } finally {
      viewer.end()
    }
  }

  async listed({ title, number, sourceKey }: PlayName): Promise<readonly SubtitleTrack[]> {
    const { sourceLists, knownFiles } = this.#parts
    const source = pickSource(await sourceLists.recall(title), { number, sourceKey })
    if (!source) return NONE
    await knownFiles.recall(title, source)
    return this.tracks(title, source)
  }

  async isKnown({ track, ...play }: SubtitleRequest): Promise<boolean> {
    return (await this.listed(play)).some(({ id }) => id === track)
  }

  /** `ttl` in milliseconds; 0 keeps it until its place is needed. */
  async #cached(
    name: string,
    ttl: number,
    find: () => Promise<readonly SubtitleTrack[] | undefined>,
  ): Promise<readonly SubtitleTrack[]> {
    const cached = this.#cache.get(name)
    if (cached) return cached
    const found = await find()
    if (found) this.#cache.set(name, found, { ttl })
    return found ?? NONE
  }

  async #tracksInTorrent(title: Title, fileKey: string): Promise<SubtitleTrack[] | undefined> {
    const video = parseFileKey(fileKey)
    const metainfo = video && (await this.#parts.metadata.known(video.infoHash))
    if (!video || !metainfo) return undefined
    const { parser } = this.#parts
    const external = await externalSubtitles(parser, metainfo.files, video.fileIdx, title)
    return external.map(({ at, lang }) => ({ id: String(at), lang }))
  }

  async #text(request: SubtitleRequest, viewer: Viewer): Promise<SubtitleText> {
    const { title, number, sourceKey, track, asker } = request
    const resolving = this.#parts.sourceLists.resolve(
      title,
      number,
      sourceKey,
      viewer.signal,
      asker,
    )
    const source = await viewer.wait(resolving, () => 'PROVIDERS_FAILED')
    const { locator } = source
    const stated = source.subtitles?.find(({ id }) => id === track)
    if (stated) {
      const text = await this.#stated.text(source, stated, viewer, request.hops)
      return { text, isWhole: true }
    }
    if (locator.kind === 'url') throw new Fault('NOT_FOUND')
    const id = embeddedId(track)
    if (id !== undefined) return this.#textWithin(request, source, locator, id, viewer)
    if (locator.kind === 'path') {
      return { text: await localSubtitle(locator.path, track), isWhole: true }
    }
    const file = await this.#fileOf(request, source, locator, viewer)
    const opened = await this.#parts.fileBytes.openOrFetch(file, viewer)
    // A viewer who leaves in the middle ends the reading: no download is kept for nobody.
    const playable = watchPlayable(opened, request.signal)
    try {
      request.signal.throwIfAborted()
      const text = await webVtt(await readWhole(playable, 0, playable.size), file.name)
      return { text, isWhole: true }
    } finally {
      playable.release()
    }
  }

  /** As much as is there of a track within the video. */
  async #textWithin(
    request: SubtitleRequest,
    source: NumberedSource,
    locator: TorrentLocator | Extract<Locator, { kind: 'path' }>,
    id: number,
    viewer: Viewer,
  ): Promise<SubtitleText> {
    const { embedded } = this.#parts
    if (!embedded) throw new Fault('NOT_FOUND')
    const opened = await (locator.kind === 'path'
      ? openDirectPath(locator.path)
      : openVideo(this.#parts, request, source, locator, viewer))
    const playable = watchPlayable(opened, request.signal)
    try {
      const asked = { signal: request.signal, address: request.asker?.address }
      const found = await embedded.text(playable, id, asked)
      if (!found) throw new Fault('NOT_FOUND')
      return found
    } finally {
      playable.release()
    }
  }

  /** @throws Fault NOT_FOUND when no subtitle file of the video has that index */
  async #fileOf(
    request: SubtitleRequest,
    source: NumberedSource,
    locator: TorrentLocator,
    viewer: Viewer,
  ): Promise<FetchableFile> {
    const { knownFiles, metadata, parser, cluster } = this.#parts
    const { title, track } = request
    const known = await knownFiles.recall(title, source)
    refuseBlocked(this.#parts.blocklist, known?.infoHash)
    // Who has the video knows its torrent, and has what lies beside it near.
    if (known && !request.handed && !(await metadata.known(known.infoHash))) {
      await cluster?.expectNoHolder(known.key)
    }
    const { video, metainfo } = await videoOf(this.#parts, request, source, locator, viewer)
    const external = await externalSubtitles(parser, metainfo.files, video.fileIdx, title)
    const fileIdx = external.find(({ at }) => String(at) === track)?.at
    if (fileIdx === undefined) throw new Fault('NOT_FOUND')
    return fetchableAt(metainfo, fileIdx, { ...source, selector: { fileIdx } })
  }
}
