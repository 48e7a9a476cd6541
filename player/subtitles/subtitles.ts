import { LRUCache } from 'lru-cache'
import type { Cluster } from '../../cluster/cluster.ts'
import { parseFileKey } from '../../common/bittorrent/file-key.ts'
import type { Blocklist } from '../../common/blocklist.ts'
import type { Clock } from '../../common/clock.ts'
import { Fault } from '../../common/errors.ts'
import type { Log } from '../../common/log.ts'
import { readWhole } from '../../common/read-whole.ts'
import type { SubtitleTrack } from '../../common/subtitles/subtitle-track.ts'
import { type Title, titleId } from '../../common/title.ts'
import type { SourceLists } from '../../sources/lists/source-lists.ts'
import { externalSubtitles } from '../../sources/matching/external-subtitles.ts'
import type { NameParser } from '../../sources/names/name-parser.ts'
import type { NumberedSource } from '../../sources/source.ts'
import { allowedTorrent, refuseBlocked } from '../files/blocked.ts'
import {
  type FetchableFile,
  type FindWantedFile,
  fetchableAt,
  fetchableFile,
} from '../files/fetchable-file.ts'
import type { KnownFiles } from '../files/known-files.ts'
import { pickSource } from '../files/pick-source.ts'
import type { PlayName } from '../files/play-request.ts'
import { watchPlayable } from '../files/watched-playable.ts'
import { createViewer, type Viewer } from '../jobs/viewer.ts'
import type { TorrentLocator } from '../metadata/torrent-lookup.ts'
import type { TorrentMetadata } from '../metadata/torrent-metadata.ts'
import type { FileBytes } from '../play/file-bytes.ts'
import { localSubtitle, localTracks } from './local-subtitles.ts'
import type { SubtitleRequest } from './subtitle-request.ts'
import { webVtt } from './subtitle-text.ts'
import { subtitlesAnywhere } from './subtitles-anywhere.ts'

/** The subtitle files that lie beside a source's video, in its torrent or its folder. */
export interface Subtitles {
  /** As far as they are known; nobody is asked and nothing is fetched. Never rejects. */
  tracks(title: Title, source: NumberedSource): Promise<readonly SubtitleTrack[]>
  /** The same for whoever plays it: nothing is started, an unknown source has none. */
  listed(play: PlayName): Promise<readonly SubtitleTrack[]>
  /** One of them as WebVTT, fetched like a video. @throws Fault as a play; NOT_FOUND when there is no such track */
  text(request: SubtitleRequest): Promise<string>
  /** The answer to HEAD: whether there is such a track; starts nothing. */
  isKnown(request: SubtitleRequest): Promise<boolean>
}

export interface SubtitleParts {
  readonly blocklist: Blocklist
  readonly sourceLists: Pick<SourceLists, 'resolve' | 'recall'>
  readonly knownFiles: Pick<KnownFiles, 'peek' | 'recall'>
  readonly metadata: Pick<TorrentMetadata, 'known' | 'find'>
  readonly fileBytes: Pick<FileBytes, 'openOrFetch'>
  readonly wantedFile: FindWantedFile
  readonly parser: NameParser
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

  constructor(parts: SubtitleParts) {
    this.#parts = parts
  }

  async tracks(title: Title, source: NumberedSource): Promise<readonly SubtitleTrack[]> {
    const { locator } = source
    if (locator.kind === 'url') return NONE
    if (locator.kind === 'path') {
      return this.#cached(locator.path, LOCAL_TTL_MS, () => localTracks(locator.path))
    }
    const known = this.#parts.knownFiles.peek(title, source)
    if (!known) return NONE
    return this.#cached(`${known.key} ${titleId(title)}`, 0, () =>
      this.#tracksInTorrent(title, known.key),
    )
  }

  async text(request: SubtitleRequest): Promise<string> {
    const { draining, timeoutMs, clock, cluster, log } = this.#parts
    draining.throwIfAborted()
    const viewer = createViewer(request.signal, timeoutMs, clock, request.asker)
    const here = (asked: SubtitleRequest, by: Viewer) => this.#text(asked, by)
    const read = cluster ? subtitlesAnywhere({ cluster, clock, log }, here) : here
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

  async #text(request: SubtitleRequest, viewer: Viewer): Promise<string> {
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
    if (locator.kind === 'url') throw new Fault('NOT_FOUND')
    if (locator.kind === 'path') return localSubtitle(locator.path, track)
    const file = await this.#fileOf(request, source, locator, viewer)
    const opened = await this.#parts.fileBytes.openOrFetch(file, viewer)
    // A viewer who leaves in the middle ends the reading: no download is kept for nobody.
    const playable = watchPlayable(opened, request.signal)
    try {
      request.signal.throwIfAborted()
      return await webVtt(await readWhole(playable, 0, playable.size), file.name)
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
    const { blocklist, knownFiles, metadata, wantedFile, parser } = this.#parts
    const { title, track } = request
    const known = await knownFiles.recall(title, source)
    refuseBlocked(blocklist, known?.infoHash)
    // Who has the video knows its torrent, and has what lies beside it near.
    if (known && !request.handed && !(await metadata.known(known.infoHash))) {
      await this.#parts.cluster?.expectNoHolder(known.key)
    }
    const found = await metadata.find(locator, known?.infoHash, viewer)
    const metainfo = allowedTorrent(blocklist, found)
    const reading = fetchableFile(metainfo, title, source, wantedFile)
    const video = await viewer.wait(reading, () => 'NO_WANTED_FILE')
    const external = await externalSubtitles(parser, metainfo.files, video.fileIdx, title)
    const fileIdx = external.find(({ at }) => String(at) === track)?.at
    if (fileIdx === undefined) throw new Fault('NOT_FOUND')
    return fetchableAt(metainfo, fileIdx, { ...source, selector: { fileIdx } })
  }
}
