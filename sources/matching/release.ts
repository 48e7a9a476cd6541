import { LRUCache } from 'lru-cache'
import type { Source } from '../source.ts'
import { MAX_NAME, parseName } from './parse-name.ts'

/** What a source's name says of it; words as people write them. */
export interface Release {
  /** `2160p`, `1080p`, ... */
  readonly resolution: string | undefined
  /** `WEB-DL`, `BluRay`, `HDTV`, ... */
  readonly medium: string | undefined
  readonly codec: string | undefined
  readonly hdr: readonly string[]
  readonly audio: readonly string[]
  /** As the parser says: `en`, `es-419`, `multi audio`. */
  readonly languages: readonly string[]
  readonly group: string | undefined
  /** Recorded in a cinema, telesync, screener: never a good copy. */
  readonly poor: boolean
}

const POOR = /^(?:cam|telesync|telecine|scr|ts|tc|hdcam)/i
/** Parsing takes a tenth of a millisecond, and the up to 500 names of a list are needed again. */
const parsed = new LRUCache<string, Release>({ max: 5000 })

/** Reads the file name, else the label; a quality the provider states wins over a parsed one. */
export function releaseOf(source: Pick<Source, 'filename' | 'label' | 'quality' | 'languages'>) {
  const release = releaseNamed(source.filename ?? source.label ?? '')
  const stated = /(?<!\d)(\d{3,4})p|(4k)/i.exec(source.quality ?? '')
  const resolution = stated ? height(stated[1] ? `${stated[1]}p` : '4k') : release.resolution
  return { ...release, resolution, languages: source.languages ?? release.languages }
}

/** Quality in a few words for a list, e.g. `1080p WEB-DL HDR x265`; empty when nothing is known. */
export function qualityWords(source: Parameters<typeof releaseOf>[0]): string {
  const { resolution, medium, hdr, codec } = releaseOf(source)
  const words = [resolution, medium, ...hdr, codec].filter((word) => word !== undefined)
  return words.length > 0 ? words.join(' ') : (source.quality ?? '')
}

function releaseNamed(name: string): Release {
  const short = name.slice(0, MAX_NAME)
  const known = parsed.get(short)
  if (known) return known
  const result = parseName(short)
  const release: Release = {
    resolution: result.resolution === undefined ? undefined : height(result.resolution),
    medium: result.quality,
    codec: result.codec,
    hdr: result.hdr ?? [],
    audio: result.audio ?? [],
    languages: result.languages ?? [],
    group: result.group,
    poor: POOR.test(result.quality ?? ''),
  }
  parsed.set(short, release)
  return release
}

const height = (resolution: string): string =>
  /^4k$/i.test(resolution) ? '2160p' : /^2k$/i.test(resolution) ? '1440p' : resolution.toLowerCase()
