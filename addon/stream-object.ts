import type { Availability } from '../common/availability.ts'
import { cleanText } from '../common/clean-text.ts'
import { readableSize } from '../common/readable-size.ts'
import type { SubtitleTrack } from '../common/subtitles/subtitle-track.ts'
import type { Title } from '../common/title.ts'
import { playPath } from '../common/title.ts'
import { qualityWords, releaseOf } from '../sources/matching/release.ts'
import type { NumberedSource } from '../sources/source.ts'
import { bingeGroup } from './binge-group.ts'
import { measuredWords } from './facts/measured-words.ts'
import { isUnopenedPack, shownName, shownSize, wholeBytes } from './facts/shown-file.ts'
import { soundLanguages, textLanguages } from './facts/track-words.ts'
import { type SubtitleObject, subtitleObjects } from './subtitle-tracks.ts'
import { notWebReady } from './web-ready.ts'

/**
 * Docs: stremio-addon-sdk docs/api/responses/stream.md, narrowed to what every client keeps.
 * Never a `title`: it is another name of `description`, and a stream with both is dropped silently.
 */
export interface StreamObject {
  /** Absolute, and the same every time: clients find "continue watching" by it. */
  readonly url: string
  readonly name: string
  readonly description: string
  readonly behaviorHints: {
    /** Equal for the same kind of release in the next episode. */
    readonly bingeGroup: string
    readonly filename: string
    /** Whole bytes. */
    readonly videoSize?: number
    readonly videoHash?: string
    /** Absent means false; clients drop a stream in which it is not a boolean. */
    readonly notWebReady?: boolean
  }
  readonly subtitles?: readonly SubtitleObject[]
}

/** A numbered source as Stremio shows it. `baseUrl` without a slash at its end. */
export function streamObject(
  title: Title,
  source: NumberedSource,
  state: Availability,
  baseUrl: string,
  tracks: readonly SubtitleTrack[] = [],
): StreamObject {
  const hash = state.kind === 'ready' ? state.videoHash : undefined
  const size = shownSize(source, state)
  const filename = shownName(title, source, state)
  return {
    url: `${baseUrl}${playPath(title, source)}`,
    name: `Playlink\n${qualityLine(source)}`,
    description: facts(source, state, filename, size, tracks).join('\n'),
    behaviorHints: {
      bingeGroup: bingeGroup(title, source),
      filename,
      ...(size === undefined ? {} : { videoSize: size }),
      ...(hash === undefined ? {} : { videoHash: hash }),
      ...(notWebReady(baseUrl, source, filename, state.file?.tracks) ? { notWebReady: true } : {}),
    },
    ...(tracks.length > 0 && { subtitles: subtitleObjects(title, source, tracks, baseUrl) }),
  }
}

function qualityLine(source: NumberedSource): string {
  return cleanText(qualityWords(source), 40) || 'Unknown quality'
}

/** One fact on each line; a provider's text is cleaned, so that it cannot add lines. */
function facts(
  source: NumberedSource,
  state: Availability,
  fileName: string,
  size: number | undefined,
  beside: readonly SubtitleTrack[],
): readonly string[] {
  const label = cleanText(source.label ?? '', 120)
  const release = releaseOf(source, 'shown')
  const listed = (words: readonly string[]) =>
    words
      .slice(0, 12)
      .map((word) => cleanText(word, 20))
      .join(', ')
  const heard = soundLanguages(state.file?.tracks)
  const languages = heard.length > 0 ? heard : release.languages
  const texts = textLanguages(state.file?.tracks, beside)
  const lines = [
    fileName,
    label === fileName ? '' : label,
    size === undefined ? '' : `Size: ${readableSize(size)}`,
    ...(isUnopenedPack(source, state) ? packLines(source) : []),
    Number.isSafeInteger(source.seeders) ? `Seeders: ${source.seeders}` : '',
    `From: ${cleanText(source.provider, 40)}`,
    languages.length > 0 ? `Languages: ${listed(languages)}` : '',
    texts.length > 0 ? `Subtitles: ${listed(texts)}` : '',
    release.audio.length > 0 ? `Audio: ${listed(release.audio)}` : '',
    measuredWords(state.file?.played),
    source.licence ? `Licence: ${cleanText(source.licence, 60)}` : '',
    stateLine(source, state),
  ]
  return lines.filter((line) => line !== '')
}

function packLines({ size }: NumberedSource): readonly string[] {
  const all = wholeBytes(size)
  return [
    'From a season pack, episode file found when played',
    ...(all === undefined ? [] : [`Size of the pack: ${readableSize(all)}`]),
  ]
}

function stateLine({ locator, relayed }: NumberedSource, state: Availability): string {
  if (locator.kind === 'url' && !relayed) return 'Direct link to another server'
  if (state.kind === 'ready') return 'Ready on this server'
  // Rounded down: 100 % would say that it is ready.
  if (state.kind === 'downloading') return `${Math.floor(state.percent)} % on this server`
  return relayed ? 'From another server, through this one' : 'Not here yet'
}
