import type { Swarm } from './swarm/swarm.ts'

/** Without any peer, all known addresses are tried again this often; trackers are asked less often. */
const RECONNECT_MS = 3000
/** For a torrent that never had a peer of use. */
const ANNOUNCE_MS = 20_000
/**
 * When the last useful peer has gone, trackers are asked after these pauses, and then as for a torrent
 * that never had one: it often comes back within seconds, at another port or address.
 */
const LOST_MS = [1000, 3000, 3000, 6000, 12_000] as const
/** So long a torrent must have been well before it is counted as lost anew. */
const WELL_MS = 30_000

export interface Reconnector {
  /**
   * @param isWanted whether anybody uses the torrent
   * @param isFed whether peers are connected that send what is wanted
   */
  tick(now: number, isWanted: boolean, isFed: boolean): void
}

/** Looks for peers again when none is connected, or none of them is of use. */
export function createReconnector(
  swarm: Pick<Swarm, 'peers' | 'reconnect' | 'announce'>,
  now: number,
): Reconnector {
  // Not at once: a peer whose handshake is running would get a second, encrypted connection, and
  // clients then close the first one.
  let reconnectAt = now + RECONNECT_MS
  let announceAt = now + ANNOUNCE_MS
  let wellSince: number | undefined
  /** Pauses of LOST_MS that are left: none for a torrent that never had a peer of use. */
  let early: number[] | undefined
  return {
    tick(at, isWanted, isFed) {
      wellSince = isFed ? (wellSince ?? at) : undefined
      const isWell = wellSince !== undefined && at - wellSince >= WELL_MS
      if (isWell || (isFed && !early)) early = [...LOST_MS]
      if (isFed || !isWanted) announceAt = at + (early?.[0] ?? ANNOUNCE_MS)
      if (swarm.peers > 0 || !isWanted) reconnectAt = at + RECONNECT_MS
      if (at >= reconnectAt) {
        reconnectAt = at + RECONNECT_MS
        swarm.reconnect()
      }
      if (at < announceAt) return
      early?.shift()
      announceAt = at + (early?.[0] ?? ANNOUNCE_MS)
      swarm.announce()
    },
  }
}
