import type { Swarm } from './swarm/swarm.ts'

/** With nobody connected, whoever was heard of is tried again this often; trackers are asked less. */
const RECONNECT_MS = 3000
const ANNOUNCE_MS = 20_000

export interface Reconnector {
  /** @param isWanted whether anybody uses the torrent */
  tick(now: number, isWanted: boolean): void
}

/** Looks for peers again when all are lost. */
export function createReconnector(
  swarm: Pick<Swarm, 'peers' | 'reconnect' | 'announce'>,
  now: number,
): Reconnector {
  // Not at once: whoever is just shaking hands would be connected to a second time, by encryption, and
  // clients hang up on the connection that was there first.
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
