import type { Availability } from '../common/availability.ts'
import type { Listed } from '../sources/matching/ranking.ts'
import { releaseOf } from '../sources/matching/release.ts'
import type { NumberedSource } from '../sources/source.ts'
import { shownSize } from './facts/shown-file.ts'
import { isSeveral, saysNothing, soundLanguages } from './facts/track-words.ts'
import type { Preferences } from './preferences.ts'

type Tier = Preferences['resolutions'][number]

/** Height of a tier, for ordering; an unknown one stands last. */
const HEIGHT: Readonly<Record<Tier, number>> = {
  '2160': 2160,
  '1440': 1440,
  '1080': 1080,
  '720': 720,
  sd: 480,
  unknown: 0,
}

/**
 * Hides and orders a list that is in the common order already; the sort is stable, so equal sources
 * keep that order. A source is never hidden because its size or language is unknown.
 */
export function viewersChoice<T extends Listed>(
  listed: readonly T[],
  wanted: Preferences | undefined,
): readonly T[] {
  if (!wanted) return listed
  const facts = listed
    .filter(({ source, state }) => !isHidden(source, state, wanted))
    .map((item) => ({ item, ...factsOf(item, wanted.languages) }))
    .filter(({ tier }) => wanted.resolutions.length === 0 || wanted.resolutions.includes(tier))
    .filter(({ poor }) => !(poor && wanted.hide.includes('camera')))
    .filter(({ language }) => language !== 2)
  return facts.sort((a, b) => compare(a, b, wanted.sort)).map(({ item }) => item)
}

function isHidden(source: NumberedSource, state: Availability, wanted: Preferences): boolean {
  const { kind } = source.locator
  if (wanted.without.includes(source.provider)) return true
  if (wanted.maxMb !== undefined && (shownSize(source, state) ?? 0) > wanted.maxMb * 1e6)
    return true
  if (kind === 'url') return wanted.hide.includes('direct')
  return kind !== 'path' && state.kind === 'remote' && wanted.hide.includes('remote')
}

interface Facts {
  readonly tier: Tier
  readonly poor: boolean
  /** 0: in one of the viewer's languages, 1: unknown, 2: only in others. */
  readonly language: 0 | 1 | 2
}

function factsOf({ source, state }: Listed, languages: readonly string[]): Facts {
  const { resolution, poor, languages: told } = releaseOf(source, shows(source))
  // Where nobody states any, the file may have been looked into.
  const heard = saysNothing(told) ? soundLanguages(state.file?.tracks) : []
  const language = languageOf(heard.length > 0 ? heard : told, languages)
  return { tier: tierOf(resolution), poor, language }
}

function languageOf(told: readonly string[], wanted: readonly string[]): Facts['language'] {
  if (wanted.length === 0) return 1
  // Who wants `es` takes `es-419`, but not the other way round.
  if (told.some((one) => wanted.includes(one) || wanted.includes(one.split('-')[0] ?? ''))) return 0
  return told.length === 0 || told.some(isSeveral) ? 1 : 2
}

/** By the selected file of a torrent, if the source has no other name of a file. */
const shows = ({ filename, selector }: NumberedSource) =>
  filename === undefined && selector.file !== undefined ? 'shown' : 'stated'

function tierOf(resolution: string | undefined): Tier {
  const height = Number.parseInt(resolution ?? '', 10)
  if (!(height > 0)) return 'unknown'
  if (height >= 2000) return '2160'
  if (height >= 1440) return '1440'
  if (height >= 1000) return '1080'
  return height > 576 ? '720' : 'sd'
}

const sizeOf = ({ source, state }: Listed) => shownSize(source, state)
const UNKNOWN_LAST = Number.MAX_SAFE_INTEGER
const PRESENCE = { ready: 0, downloading: 1, remote: 2 } as const

/** By the viewer's order, then the viewer's languages; 0 leaves the common order. */
function compare(
  a: Facts & { readonly item: Listed },
  b: Facts & { readonly item: Listed },
  sort: Preferences['sort'],
): number {
  const by = {
    best: () => PRESENCE[a.item.state.kind] - PRESENCE[b.item.state.kind],
    quality: () => HEIGHT[b.tier] - HEIGHT[a.tier],
    small: () => (sizeOf(a.item) ?? UNKNOWN_LAST) - (sizeOf(b.item) ?? UNKNOWN_LAST),
    large: () => (sizeOf(b.item) ?? 0) - (sizeOf(a.item) ?? 0),
    seeders: () => (b.item.source.seeders ?? 0) - (a.item.source.seeders ?? 0),
  } as const
  return by[sort]() || a.language - b.language
}
