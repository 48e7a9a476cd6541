import type { ByteReader } from '../../common/byte-reader.ts'
import type { BytesPlayable } from './playable.ts'

/**
 * Ties a playable to its viewer: the first byte is told, and whoever ends it first, the door's
 * release() or the viewer's leaving, closes every reader and gives back what is held, once.
 */
export function watchPlayable(
  inner: BytesPlayable,
  gone: AbortSignal,
  tell: {
    firstByte?(): void
    noFirstByte?(error: unknown): void
    /** A read of what still arrives waited for so many milliseconds. */
    waited?(ms: number): void
    ended?(): void
  } = {},
): BytesPlayable {
  const open: ByteReader[] = []
  let released = false
  let first = true

  function release(): void {
    if (released) return
    released = true
    gone.removeEventListener('abort', release)
    for (const reader of open) reader.close()
    inner.release()
    tell.ended?.()
  }
  gone.addEventListener('abort', release, { once: true })
  if (gone.aborted) release()

  async function firstRead(reader: ByteReader, into: Buffer): Promise<number> {
    try {
      const got = await reader.read(into)
      if (first) tell.firstByte?.()
      first = false
      return got
    } catch (error) {
      if (first && !released) tell.noFirstByte?.(error)
      throw error
    }
  }

  async function timedRead(reader: ByteReader, into: Buffer): Promise<number> {
    const since = performance.now()
    try {
      return await reader.read(into)
    } finally {
      tell.waited?.(performance.now() - since)
    }
  }

  return {
    ...inner,
    read(range) {
      if (released) throw new Error('read after release')
      const reader = inner.read(range)
      open.push(reader)
      return {
        read(into) {
          if (first) return firstRead(reader, into)
          // The hot path: no promise of our own around every read.
          return inner.from === 'swarm' ? timedRead(reader, into) : reader.read(into)
        },
        close() {
          const at = open.indexOf(reader)
          if (at >= 0) open.splice(at, 1)
          reader.close()
        },
      }
    },
    release,
  }
}
