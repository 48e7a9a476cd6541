import { close, fstat } from 'node:fs'
import { dirname } from 'node:path'
import { promisify } from 'node:util'
import type { ByteRange, ByteReader } from '../../common/byte-reader.ts'
import { Fault } from '../../common/errors.ts'
import { openForReading, readAt } from '../../common/read-at.ts'

const closeFile = promisify(close)
const statOpen = promisify(fstat)

/** The file on disk is not a regular file of the size that was stored. */
export class WrongFile extends Error {
  override readonly name = 'WrongFile'
}

async function openChecked(path: string, size: number): Promise<number> {
  const descriptor = await openForReading(path)
  try {
    const stats = await statOpen(descriptor)
    if (!stats.isFile() || stats.size !== size) throw new WrongFile(`not a file of ${size} bytes`)
    return descriptor
  } catch (error) {
    await closeFile(descriptor)
    throw error
  }
}

/**
 * One open descriptor that several readers share. It counts its users and closes when the last user
 * has released it and the last read has ended. Whoever creates it is the first user.
 */
export class SharedDescriptor {
  /** Where its file lies. */
  readonly folder: string
  readonly #opening: Promise<number>
  #fd: number | undefined
  #users = 1
  /** Its file is being removed: whoever reads it has taken nothing for too long. */
  givenUp = false

  constructor(path: string, size: number) {
    this.folder = dirname(path)
    this.#opening = openChecked(path, size)
    const opened = (fd: number): void => {
      this.#fd = fd
    }
    // A failure is reported by ready().
    this.#opening.then(opened).catch(() => undefined)
  }

  get isOpen(): boolean {
    return this.#fd !== undefined
  }

  /** @throws WrongFile, or the file system's error */
  async ready(): Promise<void> {
    await this.#opening
  }

  acquire(): void {
    this.#users++
  }

  release(): void {
    if (--this.#users === 0) void this.#opening.then(closeFile).catch(() => undefined)
  }

  /**
   * A running read counts as a user, because the system may give the number of a closed descriptor to
   * another file at once.
   * @throws Fault INTERNAL
   */
  async read(into: Buffer, length: number, position: number): Promise<number> {
    this.acquire()
    try {
      return await readAt(this.#fd ?? (await this.#opening), into, length, position)
    } catch (error) {
      throw new Fault('INTERNAL', {}, { cause: error })
    } finally {
      this.release()
    }
  }
}

/** The pin that a reader reads under. */
export interface ReaderPin {
  /** Reads fail from then on. */
  isReleased(): boolean
  /** A read begins. */
  reads(): void
}

/**
 * Reads one range of a file on disk. A read that runs while close() is called rejects, but not before
 * the disk has finished with the caller's buffer.
 * @throws Fault INTERNAL when the range lies outside the file
 */
export function createDiskReader(
  file: SharedDescriptor,
  range: ByteRange,
  size: number,
  pin: ReaderPin,
): ByteReader {
  if (range.start < 0 || range.end >= size || range.start > range.end + 1) {
    throw new Fault('INTERNAL', {}, { cause: new RangeError('range outside the file') })
  }
  let position = range.start
  let closed = false

  function refuseClosed(): void {
    if (closed || pin.isReleased()) throw new Fault('INTERNAL', {}, { cause: new Error('closed') })
  }

  return {
    async read(into) {
      refuseClosed()
      const length = Math.min(into.length, range.end + 1 - position)
      if (length === 0) return 0
      pin.reads()
      const bytesRead = await file.read(into, length, position)
      refuseClosed()
      // A read of 0 bytes means the end of the range, so a file that was cut short has to throw.
      if (bytesRead === 0) throw new Fault('INTERNAL', {}, { cause: new Error('file is short') })
      position += bytesRead
      return bytesRead
    },
    close() {
      closed = true
    },
  }
}
