import type { ContentKey } from '../common/content-key.ts'
import { asFault } from '../common/errors.ts'
import { contentPaths } from './content-files.ts'
import type { ContentRecord } from './content-record.ts'
import { createDiskReader, SharedDescriptor, WrongFile } from './disk-reader.ts'
import type { HeldFile } from './file-store.ts'
import { isMissing } from './replace-file.ts'
import type { Shelf } from './shelf.ts'

/** Gives complete files out, one descriptor a file for all its readers (design idea 8). */
export function createHolder(shelf: Shelf): (key: ContentKey) => Promise<HeldFile | undefined> {
  const descriptors = new Map<ContentRecord, SharedDescriptor>()

  function descriptorOf(record: ContentRecord): SharedDescriptor {
    const shared = descriptors.get(record)
    if (shared) return shared
    const path = contentPaths(shelf.dir, record.key).payload
    const fresh = new SharedDescriptor(path, record.layout.size)
    descriptors.set(record, fresh)
    return fresh
  }

  function letGo(record: ContentRecord, file: SharedDescriptor): void {
    record.holds--
    if (record.holds === 0) descriptors.delete(record)
    file.release()
    shelf.touch(record)
  }

  function heldFile(record: ContentRecord, file: SharedDescriptor): HeldFile {
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

  return async (key) => {
    const record = shelf.records.get(key)
    if (!record?.findable) return undefined
    // Counted before the first await: from here on nobody removes it.
    record.holds++
    const file = descriptorOf(record)
    file.acquire()
    shelf.touch(record)
    try {
      await file.ready()
      return heldFile(record, file)
    } catch (error) {
      letGo(record, file)
      if (!isMissing(error) && !(error instanceof WrongFile)) throw asFault(error)
      shelf.log.warn({ err: error, key }, 'a cached file is gone or changed: forgotten')
      record.complete = false
      await shelf.remove(key)
      return undefined
    }
  }
}
