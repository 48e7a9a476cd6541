import type { ByteReader } from '../common/byte-reader.ts'
import type { BytesPlayable } from './playable.ts'

/**
 * Ties a playable to its viewer: the first byte is told, and whoever ends it first, the door's
 * release() or the viewer's leaving, closes every reader and gives back what is held, once.
 */
export function watchPlayable(
  inner: BytesPlayable,
  gone: AbortSignal,
  tell: { firstByte(): void; noFirstByte(error: unknown): void; ended(): void },
): BytesPlayable {
  const open = new Set<ByteReader>()
  let released = false
  let first = true

  function release(): void {
    if (released) return
    released = true
    gone.removeEventListener('abort', release)
    for (const reader of open) reader.close()
    inner.release()
    tell.ended()
  }
  gone.addEventListener('abort', release, { once: true })
  if (gone.aborted) release()

  async function firstRead(reader: ByteReader, into: Buffer): Promise<number> {
    try {
      const got = await reader.read(into)
      if (first) tell.firstByte()
      first = false
      return got
    } catch (error) {
      if (first && !released) tell.noFirstByte(error)
      throw error
    }
  }

  return {
    ...inner,
    read(range) {
      if (released) throw new Error('read after release')
      const reader = inner.read(range)
      open.add(reader)
      return {
        // The hot path: no promise of our own around every read.
        read: (into) => (first ? firstRead(reader, into) : reader.read(into)),
        close() {
          open.delete(reader)
          reader.close()
        },
      }
    },
    release,
  }
}
