import type { DownloadTimes } from '../protocol/torrent-engine.ts'

/** When a download connected to its first peer and when its first piece came, each kept once. */
export class RecordedTimes implements DownloadTimes {
  #peer: number | undefined
  #piece: number | undefined

  get peer(): number | undefined {
    return this.#peer
  }

  get piece(): number | undefined {
    return this.#piece
  }

  peerConnected(): void {
    this.#peer ??= performance.now()
  }

  pieceReceived(): void {
    this.#piece ??= performance.now()
  }
}
