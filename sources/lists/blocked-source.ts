import { type Blocklist, isBlockedHost } from '../../common/blocklist.ts'
import type { Title } from '../../common/title.ts'
import type { Locator, Source } from '../source.ts'

/** Whether a source must not be played: its title, its torrent or its server is blocked. */
export function isBlocked(blocklist: Blocklist, title: Title, { locator }: Source): boolean {
  if (blocklist.hasTitle(title.imdbId)) return true
  switch (locator.kind) {
    case 'magnet':
      return blocklist.hasInfoHash(locator.infoHash)
    case 'torrent':
      if (locator.infoHash !== undefined && blocklist.hasInfoHash(locator.infoHash)) return true
      return isBlockedHost(blocklist, locator.from)
    case 'url':
      return isBlockedHost(blocklist, locator.url)
    case 'path':
      return false
  }
}

/** The locator without the trackers and web seeds that must not be contacted. */
export function withoutBlockedHosts(blocklist: Blocklist, locator: Locator): Locator {
  if (locator.kind !== 'magnet') return locator
  const may = (url: string): boolean => !isBlockedHost(blocklist, url)
  if (locator.trackers.every(may) && locator.webSeeds.every(may)) return locator
  const { trackers, webSeeds } = locator
  return { ...locator, trackers: trackers.filter(may), webSeeds: webSeeds.filter(may) }
}
