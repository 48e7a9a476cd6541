import { type Blocklist, isBlockedHost } from '../../common/blocklist.ts'
import type { Title } from '../../common/title.ts'
import type { Source } from '../source.ts'

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

/** The source without the trackers, web seeds and subtitles that must not be asked for. */
export function withoutBlockedHosts(blocklist: Blocklist, source: Source): Source {
  const may = (url: string): boolean => !isBlockedHost(blocklist, url)
  const { locator, subtitles } = source
  const own = subtitles?.every(({ url }) => may(url))
    ? source
    : { ...source, ...(subtitles && { subtitles: subtitles.filter(({ url }) => may(url)) }) }
  if (locator.kind !== 'magnet') return own
  const { trackers, webSeeds } = locator
  if (trackers.every(may) && webSeeds.every(may)) return own
  return {
    ...own,
    locator: { ...locator, trackers: trackers.filter(may), webSeeds: webSeeds.filter(may) },
  }
}
