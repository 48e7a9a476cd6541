import type { ArrivalTimes } from '../protocol/torrent-engine.ts'

/** Keeps when an arrival met its first peer and when its first piece came, each once. */
export function createArrivalTimes(): ArrivalTimes & { met(): void; came(): void } {
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
