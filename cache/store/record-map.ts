import type { FileKey } from '../../common/bittorrent/file-key.ts'
import { infoHashOf } from '../disk/file-paths.ts'
import type { FileRecord } from '../disk/file-record.ts'

/**
 * The records of a node, least recently used first. It also counts the records of each torrent, so that
 * a removal need not look through thousands of them.
 */
export class RecordMap extends Map<FileKey, FileRecord> {
  readonly #perTorrent = new Map<string, number>()
  #newest: FileKey | undefined

  override set(key: FileKey, record: FileRecord): this {
    if (!this.has(key)) {
      this.#count(infoHashOf(key), 1)
      this.#newest = key
    }
    return super.set(key, record)
  }

  override delete(key: FileKey): boolean {
    const existed = super.delete(key)
    if (existed) this.#count(infoHashOf(key), -1)
    if (this.#newest === key) this.#newest = undefined
    return existed
  }

  /** Moves a record to the end, as the last used one. Called for every range of every viewer. */
  moveLast(key: FileKey, record: FileRecord): void {
    // Each delete and set grows V8's table, and old tables live until a full garbage collection.
    if (this.#newest === key) return
    this.#newest = key
    super.delete(key)
    super.set(key, record)
  }

  hasTorrent(infoHash: string): boolean {
    return this.#perTorrent.has(infoHash)
  }

  #count(infoHash: string, change: 1 | -1): void {
    const count = (this.#perTorrent.get(infoHash) ?? 0) + change
    if (count === 0) this.#perTorrent.delete(infoHash)
    else this.#perTorrent.set(infoHash, count)
  }
}
