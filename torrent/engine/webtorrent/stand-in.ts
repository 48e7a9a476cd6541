import type { Metainfo } from '../../../common/bittorrent/metainfo.ts'
import type { WtParsedTorrent } from './webtorrent-types.ts'

/**
 * What webtorrent is told of a torrent's content: as much as uploads need, and nothing that a stranger
 * wrote. The real info dictionary it would decode and encode again: with unsorted, doubled or odd keys
 * that is another info hash; and it would keep objects for thousands of files that only we read.
 */
export function standIn({ infoHash, pieceLength, length, isPrivate }: Metainfo): WtParsedTorrent {
  const count = Math.ceil(length / pieceLength)
  return {
    ...{ infoHash, name: infoHash, pieceLength, length, private: isPrivate },
    lastPieceLength: length - (count - 1) * pieceLength,
    // Hashes, which only downloads of its own would need.
    pieces: new Array<string>(count).fill(''),
    files: [{ path: infoHash, name: infoHash, length, offset: 0 }],
    info: {},
    announce: [],
    urlList: [],
  }
}
