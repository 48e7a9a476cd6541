import { isForeignUrl, WEB } from '../../common/network/foreign-url.ts'
import type { Locator, Source } from '../source.ts'

/** Of one title. What would be number 501 is not listed until the index has forgotten the list. */
export const MAX_NUMBERS = 500

/** One entry of a source list; its number is its place in the list. */
export interface SourceListEntry {
  readonly key: string
  readonly listed: boolean
  readonly retired: boolean
  readonly source: Source
}

export interface StoredSourceList {
  /** When it was last used, wall-clock milliseconds. */
  readonly usedAt: number
  readonly entries: readonly SourceListEntry[]
}

/** A local file that no catalogue has named since: it has a number, but nothing to play. */
export const NOWHERE: Locator = { kind: 'path', path: '' }
/** A magnet of which the index holds the number only (fit-source-list.ts). */
export const FORGOTTEN_MAGNET: Locator = {
  kind: 'magnet',
  infoHash: '',
  trackers: [],
  webSeeds: [],
}

/** Whether the source can be played as it stands; else its provider has to name it again. */
export const isPlayable = ({ locator }: Source): boolean =>
  locator.kind === 'path'
    ? locator.path !== ''
    : locator.kind !== 'magnet' || locator.infoHash !== ''

/** A file of this machine: other nodes have their own, and each knows by itself whether it is there. */
export const isLocal = (locator: Locator): boolean =>
  locator.kind === 'path' || (locator.kind === 'torrent' && !isForeignUrl(locator.from, WEB))
