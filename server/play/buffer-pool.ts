const KIB = 1024
/** Largest first: a reader takes the largest that the pool can spare. */
const SIZES = [256 * KIB, 64 * KIB, 16 * KIB] as const
/** Bytes kept for the next reader; what is idle beyond goes back to the system. */
const IDLE_BYTES = 8 * KIB * KIB

/** Buffers that bodies are read into, reused: a fresh one a chunk is what makes Node slow here. */
export interface BufferPool {
  /** A buffer for `want` bytes: not larger than needed, smaller when the pool is short, never none. */
  take(want: number): Buffer
  /** Nobody reads or writes it any more: it will be reused. */
  give(buffer: Buffer): void
  /** A read or a write may still touch it: it is left to the garbage collector. */
  drop(buffer: Buffer): void
}

/**
 * Half of `maxBytes` may be lent as 256 KiB buffers, three quarters in all as 64 KiB ones; beyond,
 * readers get 16 KiB: hundreds of viewers cost a bounded sum, and nobody is refused for memory.
 */
export function createBufferPool(maxBytes = 64 * KIB * KIB): BufferPool {
  const idle = new Map<number, Buffer[]>(SIZES.map((size) => [size, []]))
  const ceiling = [maxBytes / 2, (maxBytes * 3) / 4, Number.POSITIVE_INFINITY] as const
  let lentBytes = 0
  let idleBytes = 0

  const sizeFor = (want: number): number => {
    const needed = SIZES.findLastIndex((size) => size >= want)
    for (let i = Math.max(needed, 0); i < SIZES.length; i++) {
      const size = SIZES[i]
      if (size !== undefined && lentBytes + size <= (ceiling[i] ?? 0)) return size
    }
    return 16 * KIB
  }

  return {
    take(want) {
      const size = sizeFor(want)
      lentBytes += size
      const kept = idle.get(size)?.pop()
      if (kept) idleBytes -= size
      // Slow: not a slice of Node's shared pool, whose neighbours would outlive it.
      return kept ?? Buffer.allocUnsafeSlow(size)
    },
    give(buffer) {
      lentBytes -= buffer.length
      if (idleBytes + buffer.length > IDLE_BYTES) return
      idleBytes += buffer.length
      idle.get(buffer.length)?.push(buffer)
    },
    drop(buffer) {
      lentBytes -= buffer.length
    },
  }
}
