import type { FileHandle } from 'node:fs/promises'
import { basename } from 'node:path'
import type { ByteRange, ByteReader } from '../../common/byte-reader.ts'
import { cleanText } from '../../common/clean-text.ts'
import { Fault } from '../../common/errors.ts'
import { readAt } from '../../common/read-at.ts'
import { MAX_NAME } from './fetchable-file.ts'
import type { BytesPlayable } from './playable.ts'
import { openRegularFile } from './read-file.ts'

/** A strong validator made of size and time of change: the bytes of the operator's files are not hashed. */
export const pathEtag = (stat: { size: bigint; mtimeNs: bigint }): string =>
  `"p-${stat.size.toString(16)}-${stat.mtimeNs.toString(16)}"`

export const pathName = (path: string): string => cleanText(basename(path), MAX_NAME)

/**
 * A file of the operator's own: outside the cache and its limits.
 * @throws Fault FILE_MISSING
 */
export async function openDirectPath(path: string): Promise<BytesPlayable> {
  const { handle, stat } = await openRegularFile(path)
  const descriptor = shareDescriptor(handle)
  return {
    kind: 'bytes',
    from: 'path',
    name: pathName(path),
    size: Number(stat.size),
    etag: pathEtag(stat),
    read: (range) => rangeReader(descriptor, range),
    release: () => descriptor.release(),
  }
}

interface Descriptor {
  read(into: Buffer, length: number, position: number): Promise<number>
  release(): void
}

/** Closes only when no read runs: the number of a closed descriptor may soon belong to another file. */
function shareDescriptor(handle: FileHandle): Descriptor {
  let running = 0
  let released = false
  let closed = false
  const closeWhenIdle = () => {
    if (!released || running > 0 || closed) return
    closed = true
    handle.close().catch(() => {}) // nothing was written, so nothing is lost when closing fails
  }
  return {
    async read(into, length, position) {
      if (released) throw new Error('read after release')
      running++
      try {
        return await readAt(handle.fd, into, length, position)
      } finally {
        running--
        closeWhenIdle()
      }
    },
    release() {
      released = true
      closeWhenIdle()
    },
  }
}

function rangeReader(file: Descriptor, range: ByteRange): ByteReader {
  let at = range.start
  let closed = false
  return {
    async read(into) {
      if (closed) throw new Error('read after close')
      const length = Math.min(into.length, range.end - at + 1)
      if (length <= 0) return 0
      const got = await file.read(into, length, at)
      // The owner has cut the file short: a body that ends here must not look complete.
      if (got === 0) throw new Fault('FILE_MISSING')
      at += got
      return got
    },
    close() {
      closed = true
    },
  }
}
