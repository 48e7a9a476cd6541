import type { Swarm } from './swarm/swarm.ts'

/** Without any peer, all known addresses are tried again this often; trackers are asked less often. */
const RECONNECT_MS = 3000
const ANNOUNCE_MS = 20_000

export interface Reconnector {
  /** @param isWanted whether anybody uses the torrent */
  tick(now: number, isWanted: boolean): void
}

/** Looks for peers again when none is connected. */
export function createReconnector(
  swarm: Pick<Swarm, 'peers' | 'reconnect' | 'announce'>,
  now: number,
): Reconnector {
  // Not at once: a peer whose handshake is running would get a second, encrypted connection, and
  // clients then close the first one.
  let reconnectAt = now + RECONNECT_MS
  let announceAt = now + ANNOUNCE_MS
  return {
    tick(at, isWanted) {
      if (swarm.peers > 0 || !isWanted) reconnectAt = at + RECONNECT_MS
      if (at < reconnectAt) return
      reconnectAt = at + RECONNECT_MS
      swarm.reconnect()
      if (at < announceAt) return
      announceAt = at + ANNOUNCE_MS
      swarm.announce()
    },
  }
}
