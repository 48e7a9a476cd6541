import { stat } from 'node:fs/promises'
import { LRUCache } from 'lru-cache'
import { atMost } from '../../common/memory/lru-options.ts'
import { pathEtag } from '../files/direct-path.ts'

/** What the file system says of a video of the operator's own. */
export interface LocalFile {
  /** As a play of it has it. */
  readonly etag: string
  /** Bytes. */
  readonly size: number
}

const MAX_FILES = 5000

/** Lists ask for many at once, and may not wait for a disk each time that they name one. */
export class LocalFiles {
  readonly #files = new LRUCache<string, LocalFile>(atMost(MAX_FILES))

  peek(path: string): LocalFile | undefined {
    return this.#files.get(path)
  }

  /** Looks at it again. Never rejects. */
  async look(path: string): Promise<LocalFile | undefined> {
    const found = await stat(path, { bigint: true }).catch(() => undefined)
    if (!found?.isFile()) {
      this.#files.delete(path)
      return undefined
    }
    const file = { etag: pathEtag(found), size: Number(found.size) }
    this.#files.set(path, file)
    return file
  }
}
