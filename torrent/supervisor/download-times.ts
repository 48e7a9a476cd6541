import type { DownloadTimes } from '../protocol/torrent-engine.ts'

/** Keeps when a download met its first peer and when its first piece came, each once. */
export function createDownloadTimes(): DownloadTimes & {
  peerConnected(): void
  pieceReceived(): void
} {
  let peer: number | undefined
  let piece: number | undefined
  return {
    get peer() {
      return peer
    },
    get piece() {
      return piece
    },
    peerConnected() {
      peer ??= performance.now()
    },
    pieceReceived() {
      piece ??= performance.now()
    },
  }
}
