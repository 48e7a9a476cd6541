import { totalmem } from 'node:os'

/** What the engine's process may take at most, of a large machine. */
const ENGINE_MOST = 1024 << 20
/** Of a small one: its process comes to 90 MiB before the first film, the server's to 120. */
const ENGINE_SHARE = 0.4
/** Pieces over 16 MiB share so much of what the engine may take (piece-budget.ts). */
const LARGE_PIECES_SHARE = 1 / 4
const LARGE_PIECES_MOST = 256 << 20
/** Buffers of the bodies that are sent (buffer-pool.ts). */
const BUFFERS_MOST = 64 << 20
const BUFFERS_SHARE = 1 / 16

/** Bytes that the parts which know no bound of their own may take; for this machine, or a smaller group. */
export interface MemoryShares {
  /** Resident memory of the engine's process, past which it is ended. */
  readonly engine: number
  /** For pieces over 16 MiB of all torrents together, in the engine. */
  readonly largePieces: number
  readonly buffers: number
}

/**
 * Bytes of memory for this process and its children: what the control group allows (memory.max of v2,
 * memory.limit_in_bytes of v1: containers, and units with MemoryMax), else what the machine has. Node's
 * own heap follows the same number: half of it, and what bin/playlink.mjs says.
 */
export function memoryLimit(
  constrained: number = process.constrainedMemory(),
  total: number = totalmem(),
): number {
  // Where there is no limit Node says 0, or a number larger than any machine.
  return constrained > 0 && constrained < total ? constrained : total
}

/** @param limit bytes for all of it, from memoryLimit() */
export function memoryShares(limit: number = memoryLimit()): MemoryShares {
  const engine = Math.min(ENGINE_MOST, Math.round(limit * ENGINE_SHARE))
  return {
    engine,
    largePieces: Math.min(LARGE_PIECES_MOST, Math.round(engine * LARGE_PIECES_SHARE)),
    buffers: Math.min(BUFFERS_MOST, Math.round(limit * BUFFERS_SHARE)),
  }
}
