import { open, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import { LRUCache } from 'lru-cache'
import type { Clock } from '../../common/clock.ts'
import { atMost } from '../../common/memory/lru-options.ts'
import { ownFile } from '../../common/own-file.ts'
import { makeFolder } from './stored-bytes.ts'

/** The folder in CACHE_DIR for segments that were made for browsers (docs/decisions/0041). */
export const SEGMENTS = 'segments'

const NAME = /^[\w-]{1,64}$/
/** Of files, however small. */
const MOST = 100_000
/** What a file takes beside its bytes: file systems give room in blocks. */
const BLOCK = 4096

interface Segment {
  /** That count for it. */
  readonly room: number
  /** CRC-32; undefined while it is being written. */
  readonly checksum: number | undefined
  /** By the steady clock. */
  readonly usedAt: number
}

/** What a segment of so many bytes takes on disk. */
export const roomOfSegment = (bytes: number): number => Math.ceil(bytes / BLOCK) * BLOCK

/** Removes what an earlier process has left: nobody knows any more what it belongs to. */
export const dropSegments = (dir: string): Promise<void> =>
  rm(join(dir, SEGMENTS), { recursive: true, force: true })

/** The files of segments, least recently used first. Who adds one has seen to it that there is room. */
export class SegmentFiles {
  readonly #dir: string
  readonly #clock: Pick<Clock, 'steady'>
  readonly #segments = new LRUCache<string, Segment>(atMost(MOST))
  /** Bytes on disk, of what is being written and of what could not be removed too. */
  used = 0
  /** Of these, bytes of whole segments, which can be removed at once. */
  removable = 0

  constructor(cacheDir: string, clock: Pick<Clock, 'steady'>) {
    this.#dir = join(cacheDir, SEGMENTS)
    this.#clock = clock
  }

  has(name: string): boolean {
    return this.#segments.has(name)
  }

  get isFull(): boolean {
    return this.#segments.size >= MOST
  }

  /** Its bytes, as they were written; undefined when they are not there, or not the same any more. */
  async read(name: string): Promise<Uint8Array | undefined> {
    const segment = this.#segments.get(name)
    if (segment?.checksum === undefined) return undefined
    this.#segments.set(name, { ...segment, usedAt: this.#clock.steady() })
    const bytes = await readFile(this.#path(name), { flag: ownFile.read }).catch(() => undefined)
    if (bytes && crc32(bytes) === segment.checksum) return bytes
    await this.remove(name)
    return undefined
  }

  /** Counts from the call on. @throws the file system's error, and then it is gone again */
  async write(name: string, bytes: Uint8Array): Promise<void> {
    if (!NAME.test(name)) throw new Error(`no name of a segment: ${name}`)
    const segment = { room: roomOfSegment(bytes.length), usedAt: this.#clock.steady() }
    this.used += segment.room
    this.#segments.set(name, { ...segment, checksum: undefined })
    try {
      await makeFolder(this.#dir)
      const file = await open(this.#path(name), ownFile.write, 0o600)
      try {
        await writeFile(file, bytes)
      } finally {
        await file.close()
      }
      this.#segments.set(name, { ...segment, checksum: crc32(bytes) })
      this.removable += segment.room
    } catch (error) {
      this.#segments.delete(name)
      await rm(this.#path(name), { force: true })
      this.used -= segment.room
      throw error
    }
  }

  /** Least recently used first; no others are removed once it is enough. @returns bytes that are free now */
  async free(bytes: number): Promise<number> {
    let freed = 0
    for (const name of [...this.#segments.rkeys()]) {
      if (freed >= bytes) break
      freed += await this.remove(name)
    }
    return freed
  }

  /** Removes what nobody has read for so long, milliseconds. @returns bytes that are free now */
  async dropUnused(ms: number): Promise<number> {
    const since = this.#clock.steady() - ms
    const old = [...this.#segments.entries()].filter(([, { usedAt }]) => usedAt <= since)
    let freed = 0
    for (const [name] of old) freed += await this.remove(name)
    return freed
  }

  /** One that is being written stays. @returns bytes that are free now; 0 when it could not be removed */
  async remove(name: string): Promise<number> {
    const segment = this.#segments.peek(name)
    if (segment?.checksum === undefined) return 0
    this.#segments.delete(name)
    this.removable -= segment.room
    try {
      await rm(this.#path(name), { force: true })
    } catch {
      // It goes on counting until the folder is emptied at the next start.
      return 0
    }
    this.used -= segment.room
    return segment.room
  }

  #path(name: string): string {
    return join(this.#dir, name)
  }
}
