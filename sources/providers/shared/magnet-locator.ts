import type { Magnet } from '../../../common/bittorrent/magnet.ts'
import type { Locator } from '../../source.ts'

/** Where a magnet says that its torrent is. */
export function magnetLocator({
  infoHash,
  trackers,
  webSeeds,
  peers,
}: Magnet): Extract<Locator, { kind: 'magnet' }> {
  return { kind: 'magnet', infoHash, trackers, webSeeds, ...(peers && { peers }) }
}
