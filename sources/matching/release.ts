import { NO_NAME, type ParsedName } from '../names/parsed-name.ts'
import type { NumberedSource, SourceNames } from '../source.ts'

type Stated = Pick<NumberedSource, 'names' | 'quality' | 'languages'>

/**
 * What a source is: as its `stated` or `shown` name says; a quality or languages that the provider
 * states win over those.
 */
export function releaseOf(
  { names, quality = '', languages }: Stated,
  name: keyof Pick<SourceNames, 'stated' | 'shown'> = 'stated',
): ParsedName {
  const release = (name === 'shown' ? names?.shown : names?.stated) ?? NO_NAME
  const stated = /(?<!\d)(\d{3,4})p|(4k)/i.exec(quality)
  const resolution = stated ? heightOf(stated[1]) : release.resolution
  return { ...release, resolution, languages: languages ?? release.languages }
}

const heightOf = (lines: string | undefined): string => (lines ? `${lines}p` : '2160p')

/**
 * Quality in a few words for a list, e.g. `1080p WEB-DL HDR x265`, by the name that clients show;
 * empty when nothing is known.
 */
export function qualityWords(source: Stated): string {
  const { resolution, medium, hdr, codec } = releaseOf(source, 'shown')
  const words = [resolution, medium, ...hdr, codec].filter((word) => word !== undefined)
  return words.length > 0 ? words.join(' ') : (source.quality ?? '')
}
