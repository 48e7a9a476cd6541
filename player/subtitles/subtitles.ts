import { createHash } from 'node:crypto'
import { readdir } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { LRUCache } from 'lru-cache'
import { parseFileKey } from '../../common/bittorrent/file-key.ts'
import type { Blocklist } from '../../common/blocklist.ts'
import { Fault } from '../../common/errors.ts'
import { readWhole } from '../../common/read-whole.ts'
import { type Title, titleId } from '../../common/title.ts'
import type { SourceLists } from '../../sources/lists/source-lists.ts'
import {
  MAX_SUBTITLE_BYTES,
  namesBeside,
  sidecarSubtitles,
} from '../../sources/matching/sidecar-subtitles.ts'
import { subtitleLanguage } from '../../sources/matching/subtitle-language.ts'
import type { NumberedSource } from '../../sources/source.ts'
import { allowedTorrent, refuseBlocked } from '../files/blocked.ts'
import { fetchableFile, type WantedFile } from '../files/fetchable-file.ts'
import type { KnownFiles } from '../files/known-files.ts'
import { pickSource } from '../files/pick-source.ts'
import type { PlayRequest } from '../files/play-request.ts'
import { readSmallFile } from '../files/read-file.ts'
import { watchPlayable } from '../files/watched-playable.ts'
import type { Viewer } from '../jobs/viewer.ts'
import type { TorrentMetadata } from '../metadata/torrent-metadata.ts'
import type { FileBytes } from '../play/file-bytes.ts'
import { webVtt } from './subtitle-text.ts'

/** A subtitle file of a source. */
export interface SubtitleTrack {
  /** Index in the torrent, or made of the name beside a local file; stays. */
  readonly id: string
  /** ISO 639-2, `und` when nobody says. */
  readonly lang: string
}

export interface SubtitleRequest extends PlayRequest {
  readonly track: string
}

export interface SubtitleParts {
  readonly blocklist: Blocklist
  readonly sourceLists: SourceLists
  readonly knownFiles: KnownFiles
  readonly metadata: TorrentMetadata
  readonly fileBytes: FileBytes
  readonly wantedFile: WantedFile
}

const IN_MEMORY = 2000
const FRESH_MS = 30_000
const NONE: readonly SubtitleTrack[] = []

/** The subtitles that lie beside a source's video, in its torrent or its folder. */
export function createSubtitles(parts: SubtitleParts) {
  const { sourceLists, knownFiles, metadata, fileBytes } = parts
  const inMemory = new LRUCache<string, readonly SubtitleTrack[]>({ max: IN_MEMORY })

  /** As far as they are known; nobody is asked, no source is fetched. Never rejects. */
  async function tracks(title: Title, source: NumberedSource): Promise<readonly SubtitleTrack[]> {
    const { locator } = source
    if (locator.kind === 'url') return NONE
    const known = knownFiles.peek(title, source)
    const name = locator.kind === 'path' ? locator.path : known && `${known.key} ${titleId(title)}`
    if (name === undefined) return NONE
    const before = inMemory.get(name)
    if (before) return before
    const found =
      locator.kind === 'path'
        ? await beside(locator.path)
        : await inTorrent(title, known?.key ?? '')
    // The operator may add a file; a torrent's never change.
    if (found) inMemory.set(name, found, locator.kind === 'path' ? { ttl: FRESH_MS } : {})
    return found ?? NONE
  }

  async function inTorrent(title: Title, key: string): Promise<SubtitleTrack[] | undefined> {
    const content = parseFileKey(key)
    const metainfo = content && (await metadata.known(content.infoHash))
    if (!content || !metainfo) return undefined
    const sidecars = sidecarSubtitles(metainfo.files, content.fileIdx, title)
    return sidecars.map(({ at, lang }) => ({ id: String(at), lang }))
  }

  /** As WebVTT. @throws Fault as a play; NOT_FOUND when the source has no such subtitles */
  async function text(request: SubtitleRequest, viewer: Viewer): Promise<string> {
    const { title, number, key, track } = request
    const resolving = sourceLists.resolve(title, number, key, viewer.signal)
    const source = await viewer.wait(resolving, () => 'PROVIDERS_FAILED')
    const { locator } = source
    if (locator.kind === 'url') throw new Fault('NOT_FOUND')
    if (locator.kind === 'path') return localText(locator.path, track)
    const known = await knownFiles.recall(title, source)
    refuseBlocked(parts.blocklist, known?.infoHash)
    const described = await metadata.find(locator, known?.infoHash, viewer)
    const metainfo = allowedTorrent(parts.blocklist, described)
    const video = fetchableFile(metainfo, title, source, parts.wantedFile).fileIdx
    const sidecars = sidecarSubtitles(metainfo.files, video, title)
    const fileIdx = sidecars.find(({ at }) => String(at) === track)?.at
    if (fileIdx === undefined) throw new Fault('NOT_FOUND')
    const content = fetchableFile(
      metainfo,
      title,
      { ...source, selector: { fileIdx } },
      () => fileIdx,
    )
    const opened = await fileBytes.openOrFetch(content, viewer)
    // A viewer who leaves in the middle ends the reading: the download is not kept for nobody.
    const playable = watchPlayable(opened, request.signal)
    try {
      request.signal.throwIfAborted()
      return webVtt(await readWhole(playable, 0, playable.size), content.name)
    } finally {
      playable.release()
    }
  }

  /** HEAD: whether there is such a thing; starts nothing. */
  async function isKnown({ title, number, key, track }: SubtitleRequest): Promise<boolean> {
    const source = pickSource(await sourceLists.recall(title), { number, key })
    if (!source) return false
    await knownFiles.recall(title, source)
    return (await tracks(title, source)).some(({ id }) => id === track)
  }

  return { tracks, text, isKnown }
}

async function namesIn(path: string): Promise<readonly string[] | undefined> {
  const names = await readdir(dirname(path)).catch(() => undefined)
  return names && namesBeside(names, basename(path))
}

async function beside(path: string): Promise<SubtitleTrack[] | undefined> {
  const stem = basename(path).replace(/\.[a-z0-9]{2,4}$/i, '')
  const names = await namesIn(path)
  return names?.map((name) => ({ id: idOf(name), lang: subtitleLanguage(name, stem) }))
}

/** @throws Fault NOT_FOUND, FILE_MISSING */
async function localText(path: string, track: string): Promise<string> {
  const name = (await namesIn(path))?.find((one) => idOf(one) === track)
  if (name === undefined) throw new Fault('NOT_FOUND')
  const file = join(dirname(path), name)
  return webVtt(await readSmallFile(file, MAX_SUBTITLE_BYTES, 'NOT_FOUND'), name)
}

const idOf = (name: string): string => createHash('sha256').update(name).digest('hex').slice(0, 12)
