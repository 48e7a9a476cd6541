/** How far a connection came. */
export type ConnectionStage = 'connecting' | 'connected' | 'handshaken'

/** Remembers how connections ended: decides whether and when an address is tried again. */
export interface ReconnectBackoff {
  mayConnect(address: string): boolean
  /** Answers after how many milliseconds to try again; undefined: not of our own accord. */
  connectionEnded(address: string, stage: ConnectionStage, lastedMs: number): number | undefined
  /** Never again: ourselves, another torrent, a liar. */
  ban(address: string): void
  /** It was good, by whatever connection. */
  succeeded(address: string): void
  /** Everybody but the banned may be tried again. */
  reset(): void
}

/** Pauses before a connection that came to be and ended is made anew. */
const RETRY_MS = [1000, 5000, 15_000, 60_000]
/** Whoever answers the connection and not the handshake this often is left alone. */
const MOST_MUTE = 3
/** A connection of this length was a good one. */
const GOOD_MS = 30_000
const MOST_REMEMBERED = 2000

interface Memory {
  failures: number
  mute: number
  banned: boolean
}

export function createReconnectBackoff(): ReconnectBackoff {
  const memories = new Map<string, Memory>()

  function of(address: string): Memory {
    let memory = memories.get(address)
    if (memory) return memory
    memory = { failures: 0, mute: 0, banned: false }
    memories.set(address, memory)
    const oldest = memories.keys().next().value
    if (memories.size > MOST_REMEMBERED && oldest !== undefined) memories.delete(oldest)
    return memory
  }

  const worked = (address: string): void => {
    const memory = memories.get(address)
    if (memory && !memory.banned) memories.delete(address)
  }

  return {
    mayConnect(address) {
      const memory = memories.get(address)
      return !memory || (!memory.banned && memory.mute < MOST_MUTE)
    },
    connectionEnded(address, stage, lastedMs) {
      if (stage === 'connecting') return undefined
      if (stage === 'handshaken' && lastedMs >= GOOD_MS) worked(address)
      const memory = of(address)
      if (stage === 'connected') memory.mute++
      if (stage === 'connected' || memory.banned) return undefined
      return RETRY_MS[Math.min(memory.failures++, RETRY_MS.length - 1)]
    },
    ban(address) {
      of(address).banned = true
    },
    succeeded: worked,
    reset() {
      for (const [address, memory] of memories) if (!memory.banned) memories.delete(address)
    },
  }
}
