import type { Availability } from '../../common/availability.ts'
import type { NumberedSource } from '../source.ts'
import { releaseOf } from './release.ts'

export interface RankingOptions {
  /**
   * Decides before the points, larger first: what is on this server, what a viewer asked for.
   * 0 when not given.
   */
  first?(source: NumberedSource): number
}

const GB = 1e9
/** Points of a resolution; an unknown one stands between 480p and 720p. */
const RESOLUTION: Readonly<Record<string, number>> = {
  '2160p': 45,
  '1440p': 42,
  '1080p': 40,
  '720p': 30,
  '576p': 16,
  '480p': 15,
  '360p': 8,
  '240p': 4,
}
const UNKNOWN_RESOLUTION = 20

/**
 * The order of a list; numbers do not move (docs/decisions/0002). Points of a source:
 * - resolution: 4 to 45
 * - seeders: up to 20, five for every tenfold; none at all: -25; unknown, or not a torrent: 8
 * - size: -15 when too small to be what it says, or larger than 40 GB (few lines keep up)
 * - a camera or telesync copy: -30
 * Equal points: the lower number first.
 */
export function rankSources(
  sources: readonly NumberedSource[],
  { first = () => 0 }: RankingOptions = {},
): NumberedSource[] {
  return sources
    .map((source) => ({ source, first: first(source), score: scoreOf(source) }))
    .sort((a, b) => b.first - a.first || b.score - a.score || a.source.number - b.source.number)
    .map(({ source }) => source)
}

/** Points as `rankSources` says. */
export function scoreOf(source: NumberedSource): number {
  const release = releaseOf(source)
  const resolution = RESOLUTION[release.resolution ?? ''] ?? UNKNOWN_RESOLUTION
  return (
    resolution + seedersScore(source) + sizeScore(source, resolution) + (release.poor ? -30 : 0)
  )
}

function seedersScore({ seeders, locator }: NumberedSource): number {
  if (seeders === undefined || locator.kind === 'url' || locator.kind === 'path') return 8
  return seeders <= 0 ? -25 : Math.min(20, 5 * Math.log10(seeders) + 5)
}

/** Ten minutes of 1080p take at least 100 MB: a "film" of less is a fake or a sample. */
function sizeScore({ size, names }: NumberedSource, resolution: number): number {
  // What a pack takes in all says nothing of an episode.
  if (size === undefined || size === 0 || names?.isPack) return 0
  if (size > 40 * GB) return -15
  return resolution >= 30 && size < 0.03 * GB ? -15 : 0
}

/** A source of a list, with how much of it is on this server. */
export interface Listed {
  readonly source: NumberedSource
  readonly state: Availability
}

const FIRST = { ready: 2, downloading: 1, remote: 0 } as const

/**
 * What is on this server first, then what is being downloaded, then by rank; numbers never move.
 */
export function inListOrder(listed: readonly Listed[]): readonly Listed[] {
  const ofNumber = new Map(listed.map((item) => [item.source.number, item]))
  const ranked = rankSources(
    listed.map(({ source }) => source),
    { first: ({ number }) => FIRST[ofNumber.get(number)?.state.kind ?? 'remote'] },
  )
  return ranked.flatMap(({ number }) => ofNumber.get(number) ?? [])
}
