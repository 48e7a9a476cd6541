import { randomBytes } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import type { Magnet } from '../../../common/bittorrent/magnet.ts'
import { atMost } from '../../../common/memory/lru-options.ts'
import type { Title } from '../../../common/title.ts'
import { digestId, isTriedId } from '../../free-films.ts'
import type { Source, SourceProvider } from '../../source.ts'
import { magnetLocator } from '../shared/magnet-locator.ts'

/** What an operator may play of a torrent. */
export interface TorrentVideos {
  /** As the torrent calls itself, cleaned for display. */
  readonly name: string
  /** In the order of the torrent; none where it has no videos. */
  readonly videos: readonly TorrentVideo[]
}

interface TorrentVideo {
  readonly fileIdx: number
  readonly name: string
  /** Bytes. */
  readonly size: number
}

const MOST_TORRENTS = 50

/**
 * Torrents that the operator tries by a magnet link, each as a film under an id of our own. This process remembers
 * the last ones only; what was listed once plays on, here and on other nodes, as long as its list is remembered.
 */
export class TriedTorrents implements SourceProvider {
  readonly name = 'tried'
  readonly authority = 'network'
  readonly requests = 0
  /** Whoever has a torrent must not be able to ask whether it was tried here. */
  readonly #secret = randomBytes(16).toString('hex')
  readonly #sources = new LRUCache<string, readonly Source[]>(atMost(MOST_TORRENTS))

  /** @returns what it is listed and played as */
  add(magnet: Magnet, videos: readonly TorrentVideo[]): Title {
    const locator = magnetLocator(magnet)
    // Another link to the same torrent is another title: lists are remembered, and what finds its peers is in them.
    const imdbId = digestId('tt97', `${this.#secret} ${JSON.stringify(locator)}`)
    const sources = videos.map(({ fileIdx, name, size }) => ({
      locator,
      selector: { fileIdx },
      provider: this.name,
      label: name,
      filename: name,
      size,
    }))
    this.#sources.set(imdbId, sources)
    return { type: 'movie', imdbId }
  }

  mayKnow({ type, imdbId }: Title): boolean {
    return type === 'movie' && isTriedId(imdbId)
  }

  async find({ imdbId }: Title): Promise<readonly Source[]> {
    return this.#sources.get(imdbId) ?? []
  }
}
