import type { DownloadTimes } from '../protocol/torrent-engine.ts'

/** Keeps when a download met its first peer and when its first piece came, each once. */
export function createDownloadTimes(): DownloadTimes & { met(): void; came(): void } {
  let peer: number | undefined
  let piece: number | undefined
  return {
    get peer() {
      return peer
    },
    get piece() {
      return piece
    },
    met() {
      peer ??= performance.now()
    },
    came() {
      piece ??= performance.now()
    },
  }
}
