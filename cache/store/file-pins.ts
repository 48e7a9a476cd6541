import type { FileKey } from '../../common/bittorrent/file-key.ts'
import { asFault } from '../../common/errors.ts'
import { createDiskReader, SharedDescriptor, WrongFile } from '../disk/disk-reader.ts'
import { filePaths } from '../disk/file-paths.ts'
import type { FileRecord } from '../disk/file-record.ts'
import type { PinnedFile } from '../disk/file-store.ts'
import { isMissing } from '../disk/replace-file.ts'
import type { RecordStore } from './record-store.ts'

/** A file nobody reads stays open for so long: a player's next range comes within it. */
const IDLE_MS = 1000

export interface FilePins {
  hold(key: FileKey): Promise<PinnedFile | undefined>
  /** Closes the descriptors that wait for a next reader; those in use close with their last one. */
  close(): void
}

/** Gives complete files out, one descriptor a file for all its readers (docs/decisions/0003). */
export function createFilePins(recordStore: RecordStore): FilePins {
  const descriptors = new Map<FileRecord, SharedDescriptor>()
  let closed = false

  function descriptorOf(record: FileRecord): SharedDescriptor {
    const shared = descriptors.get(record)
    if (shared) return shared
    const path = filePaths(recordStore.dir, record.key).payload
    const fresh = new SharedDescriptor(path, record.layout.size)
    descriptors.set(record, fresh)
    return fresh
  }

  function forget(record: FileRecord): void {
    clearTimeout(record.idle?.timer)
    record.idle = undefined
    descriptors.get(record)?.release()
    descriptors.delete(record)
  }

  /** One timer a file, set again only when it has fired: holds come and go by the thousand. */
  function closeWhenIdle(record: FileRecord): void {
    if (closed) forget(record)
    if (closed || record.idle) return
    const look = (): void => {
      record.idle = undefined
      if (record.holds > 0) return
      if (record.idleMs < IDLE_MS) closeWhenIdle(record)
      else forget(record)
    }
    record.idle = { timer: setTimeout(look, IDLE_MS), close: () => forget(record) }
  }

  function letGo(record: FileRecord, file: SharedDescriptor): void {
    record.holds--
    file.release()
    recordStore.touch(record)
    if (record.holds === 0) closeWhenIdle(record)
  }

  function pinnedFile(record: FileRecord, file: SharedDescriptor): PinnedFile {
    const { size } = record.layout
    let released = false
    return {
      record,
      size,
      read: (range) => createDiskReader(file, range, size, () => released),
      release() {
        if (released) return
        released = true
        letGo(record, file)
      },
    }
  }

  async function hold(key: FileKey): Promise<PinnedFile | undefined> {
    const record = recordStore.records.get(key)
    if (!record?.findable) return undefined
    // Counted before the first await: from here on nobody removes it.
    record.holds++
    const file = descriptorOf(record)
    file.acquire()
    recordStore.touch(record)
    try {
      if (!file.isOpen) await file.ready()
      return pinnedFile(record, file)
    } catch (error) {
      letGo(record, file)
      if (descriptors.get(record) === file) forget(record)
      if (!isMissing(error) && !(error instanceof WrongFile)) throw asFault(error)
      recordStore.log.warn({ err: error, key }, 'a cached file is gone or changed: forgotten')
      record.complete = false
      await recordStore.remove(key)
      return undefined
    }
  }

  return {
    hold,
    close() {
      closed = true
      for (const record of [...descriptors.keys()]) if (record.holds === 0) forget(record)
    },
  }
}
