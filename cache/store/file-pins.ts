import type { FileKey } from '../../common/bittorrent/file-key.ts'
import { asFault } from '../../common/errors.ts'
import { createDiskReader, SharedDescriptor, WrongFile } from '../disk/disk-reader.ts'
import { filePaths } from '../disk/file-paths.ts'
import type { FileRecord } from '../disk/file-record.ts'
import type { PinnedFile } from '../disk/file-store.ts'
import { isMissing } from '../disk/replace-file.ts'
import type { RecordStore } from './record-store.ts'

/** How long a file stays open without a reader: the next range of a player comes within this time. */
const IDLE_MS = 1000
/** Whose readers have taken nothing for so long is not kept from others that need the room. */
const IDLE_READERS_MS = 60_000

/** Pins complete files for readers. All readers of a file share one descriptor. */
export class FilePins {
  readonly #recordStore: RecordStore
  readonly #descriptors = new Map<FileRecord, SharedDescriptor>()
  #closed = false

  constructor(recordStore: RecordStore) {
    this.#recordStore = recordStore
  }

  /** See FileStore.pin. @throws Fault */
  async pin(key: FileKey): Promise<PinnedFile | undefined> {
    const record = this.#recordStore.records.get(key)
    if (!record?.findable) return undefined
    // Counted before the first await: from here on nobody removes it.
    record.pins++
    record.reads()
    const file = this.#descriptorOf(record)
    file.acquire()
    this.#recordStore.touch(record)
    try {
      if (!file.isOpen) await file.ready()
      return this.#pinnedFile(record, file)
    } catch (error) {
      this.#unpin(record, file)
      if (this.#descriptors.get(record) === file) this.#closeDescriptor(record)
      if (!isMissing(error) && !(error instanceof WrongFile)) throw asFault(error)
      this.#recordStore.log.warn({ err: error, key }, 'a cached file is gone or changed: forgotten')
      record.complete = false
      await this.#recordStore.remove(key)
      return undefined
    }
  }

  /** Only readers that take nothing keep it: they may be cut when its room is needed. */
  hasIdleReaders(key: FileKey): boolean {
    return this.#recordStore.records.get(key)?.hasIdleReaders(IDLE_READERS_MS) ?? false
  }

  /** Takes the pins of readers that take nothing; their next read fails. */
  giveUpIdle(key: FileKey): void {
    const record = this.#recordStore.records.get(key)
    const file = record && this.#descriptors.get(record)
    if (!file || !record.hasIdleReaders(IDLE_READERS_MS)) return
    file.givenUp = true
    for (; record.pins > 0; record.pins--) file.release()
    this.#closeDescriptor(record)
  }

  /** Closes the descriptors without a reader; the others close with their last reader. */
  close(): void {
    this.#closed = true
    for (const record of [...this.#descriptors.keys()]) {
      if (record.pins === 0) this.#closeDescriptor(record)
    }
  }

  #descriptorOf(record: FileRecord): SharedDescriptor {
    const shared = this.#descriptors.get(record)
    if (shared) return shared
    const path = filePaths(this.#recordStore.dir, record.key).payload
    const fresh = new SharedDescriptor(path, record.layout.size)
    this.#descriptors.set(record, fresh)
    return fresh
  }

  #pinnedFile(record: FileRecord, file: SharedDescriptor): PinnedFile {
    const { size } = record.layout
    let released = false
    const pin = { isReleased: () => released || file.givenUp, reads: () => record.reads() }
    return {
      record,
      size,
      folder: file.folder,
      read: (range) => createDiskReader(file, range, size, pin),
      release: () => {
        if (released) return
        released = true
        if (!file.givenUp) this.#unpin(record, file)
      },
    }
  }

  #unpin(record: FileRecord, file: SharedDescriptor): void {
    record.pins--
    file.release()
    this.#recordStore.touch(record)
    if (record.pins === 0) this.#closeWhenIdle(record)
  }

  #closeDescriptor(record: FileRecord): void {
    clearTimeout(record.openDescriptor?.timer)
    record.openDescriptor = undefined
    this.#descriptors.get(record)?.release()
    this.#descriptors.delete(record)
  }

  /** Sets one timer per file, and a new one only when it has fired: pins come and go by the thousand. */
  #closeWhenIdle(record: FileRecord): void {
    if (this.#closed) this.#closeDescriptor(record)
    if (this.#closed || record.openDescriptor) return
    const check = (): void => {
      record.openDescriptor = undefined
      if (record.pins > 0) return
      if (record.idleMs < IDLE_MS) this.#closeWhenIdle(record)
      else this.#closeDescriptor(record)
    }
    const timer = setTimeout(check, IDLE_MS)
    record.openDescriptor = { timer, close: () => this.#closeDescriptor(record) }
  }
}
