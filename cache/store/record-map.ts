import type { FileKey } from '../../common/bittorrent/file-key.ts'
import { infoHashOf } from '../disk/file-paths.ts'
import type { FileRecord } from '../disk/file-record.ts'

/** The records of a node, and how many each torrent has: asked at every removal, of thousands too. */
export class RecordMap extends Map<FileKey, FileRecord> {
  readonly #ofTorrent = new Map<string, number>()
  #newest: FileKey | undefined

  override set(key: FileKey, record: FileRecord): this {
    if (!this.has(key)) {
      this.#count(infoHashOf(key), 1)
      this.#newest = key
    }
    return super.set(key, record)
  }

  override delete(key: FileKey): boolean {
    const gone = super.delete(key)
    if (gone) this.#count(infoHashOf(key), -1)
    if (this.#newest === key) this.#newest = undefined
    return gone
  }

  /** Moves one to the end, where the last used are: with every range of every viewer. */
  last(key: FileKey, record: FileRecord): void {
    // A map that shrinks and grows leaves a chain of old tables, which only a full collection ends.
    if (this.#newest === key) return
    this.#newest = key
    super.delete(key)
    super.set(key, record)
  }

  hasTorrent(infoHash: string): boolean {
    return this.#ofTorrent.has(infoHash)
  }

  #count(infoHash: string, more: number): void {
    const count = (this.#ofTorrent.get(infoHash) ?? 0) + more
    if (count === 0) this.#ofTorrent.delete(infoHash)
    else this.#ofTorrent.set(infoHash, count)
  }
}
