import type { FileStore } from '../../cache/disk/file-store.ts'
import type { ClusterCounts } from '../../cluster/cluster-counts.ts'
import { type FileKey, parseFileKey } from '../../common/bittorrent/file-key.ts'
import { firstPiece, pieceCount, pieceSize } from '../../common/bittorrent/piece-layout.ts'
import { Fault } from '../../common/errors.ts'
import { PieceFiles } from '../../torrent/engine/storage/piece-files.ts'

/** What another node asks of a file that this one has, to make a copy (copy-file.ts). */
export interface StoredPieces {
  /** The .torrent (BEP 3). @throws Fault ANOTHER_NODE when this node has none */
  metainfo(infoHash: string): Promise<Uint8Array>
  /** A whole piece, numbered in the torrent, what it holds of neighbour files included. @throws Fault ANOTHER_NODE */
  piece(key: FileKey, piece: number): Promise<Uint8Array>
}

export const createStoredPieces = (
  store: Pick<FileStore, 'pin' | 'readMetainfo'>,
  counts?: Pick<ClusterCounts, 'handedBytes'>,
): StoredPieces => ({
  async metainfo(infoHash) {
    const metainfo = await store.readMetainfo(infoHash)
    if (!metainfo) throw new Fault('ANOTHER_NODE')
    return metainfo
  },
  async piece(key, piece) {
    const fileIdx = parseFileKey(key)?.fileIdx
    const pinned = fileIdx === undefined ? undefined : await store.pin(key)
    if (!pinned || fileIdx === undefined) throw new Fault('ANOTHER_NODE')
    try {
      const { layout } = pinned.record
      const first = firstPiece(layout)
      const isInside = piece >= first && piece < first + pieceCount(layout)
      if (!isInside) throw new Fault('ANOTHER_NODE')
      const files = await PieceFiles.open(pinned.folder, fileIdx, layout)
      try {
        const bytes = await files.read(piece, 0, pieceSize(layout, piece))
        if (counts) counts.handedBytes += bytes.length
        return bytes
      } finally {
        await files.close()
      }
    } catch (cause) {
      // A complete file may be without the edges of its pieces: it plays, and cannot be copied.
      throw new Fault('ANOTHER_NODE', {}, { cause })
    } finally {
      pinned.release()
    }
  },
})
