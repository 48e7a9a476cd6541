import { createHash } from 'node:crypto'
import { type Magnet, parseMagnet } from '../../../common/bittorrent/magnet.ts'
import { ValidationError } from '../../../common/bittorrent/validation-error.ts'
import type { Outbound } from '../../../common/network/outbound.ts'
import type { Source } from '../../source.ts'
import { magnetLocator } from './magnet-locator.ts'

type LocatedTorrent = Pick<Source, 'locator' | 'identity'>

/** What an indexer or a feed says of where a torrent is. */
export interface TorrentLinks {
  /** Hex or base32, as written. */
  readonly infoHash?: string | undefined
  /** Magnets and addresses of .torrent files, the best first; may hold passkeys. */
  readonly links: readonly string[]
  /**
   * Names the entry of the indexer or feed: it is the same every time, while its links may change.
   */
  readonly entry: string
}

/**
 * The way to the torrent: a magnet, else its .torrent, else the bare info hash; undefined when
 * there is none. A link without an info hash may lead to a .torrent or to a magnet. It is not
 * followed before it is played, because some trackers count every .torrent that is fetched.
 */
export function torrentPlace(
  { infoHash, links, entry }: TorrentLinks,
  mayRedirect: Outbound['mayRedirect'],
): LocatedTorrent | undefined {
  const magnets = links.filter((link) => /^magnet:/i.test(link))
  for (const link of magnets) {
    const magnet = magnetIn(link)
    if (magnet) return ofMagnet(magnet)
  }
  const bare = infoHash === undefined ? undefined : magnetIn(`magnet:?xt=urn:btih:${infoHash}`)
  const from = links.find((link) => !/^magnet:/i.test(link) && mayRedirect(link))
  if (from !== undefined) {
    if (bare) return { locator: { kind: 'torrent', from, infoHash: bare.infoHash } }
    // Indexers encrypt their links anew for every search, so the entry names the source. It may
    // hold keys, hence the digest.
    const identity = createHash('sha256').update(entry).digest('hex')
    return { locator: { kind: 'torrent', from }, identity }
  }
  return bare && ofMagnet(bare)
}

function ofMagnet(magnet: Magnet): LocatedTorrent {
  return { locator: magnetLocator(magnet) }
}

function magnetIn(text: string): Magnet | undefined {
  try {
    return parseMagnet(text)
  } catch (error) {
    if (error instanceof ValidationError) return undefined
    throw error
  }
}
