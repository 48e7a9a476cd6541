import { type FSWatcher, watch } from 'node:fs'
import { join } from 'node:path'
import { createEventLoopYield } from '../../../common/permits/event-loop-yield.ts'
import { codeOf } from './scan-folder.ts'

/** Each takes a place of the system's (`fs.inotify.max_user_watches`), which others need too. */
const MAX_WATCHES = 8000

/**
 * Notices of what changed in folders. One for each folder: `fs.watch` with `recursive` reads the whole tree on
 * Linux in one go, and watches every file. They are a hint only: network mounts send none, so all is scanned
 * now and then anyway.
 */
export class FolderWatches {
  readonly #changed: (path: string) => void
  readonly #watchers = new Map<string, FSWatcher>()
  #closed = false
  #isFull = false

  /** @param changed with the path of the folder below the root */
  constructor(changed: (path: string) => void) {
    this.#changed = changed
  }

  /** The system, or our own limit, has let some folders be watched only. */
  get isFull(): boolean {
    return this.#isFull
  }

  /** Watches these folders, and no others any more. Answers which of them are new. */
  async follow(root: string, paths: Iterable<string>): Promise<readonly string[]> {
    const wanted = new Set(paths)
    for (const path of this.#watchers.keys()) if (!wanted.has(path)) this.#end(path)
    const pause = createEventLoopYield()
    const begun: string[] = []
    this.#isFull = false
    for (const path of wanted) {
      const paused = pause()
      if (paused) await paused
      if (this.#closed) break
      if (!this.#watchers.has(path) && this.#begin(root, path)) begun.push(path)
    }
    return begun
  }

  close(): void {
    this.#closed = true
    for (const path of [...this.#watchers.keys()]) this.#end(path)
  }

  #begin(root: string, path: string): boolean {
    if (this.#watchers.size >= MAX_WATCHES) {
      this.#isFull = true
      return false
    }
    try {
      const watcher = watch(join(root, path), (event, name) => {
        // What is written into a video changes no name: only notes are read.
        if (event === 'rename' || name === null || /\.nfo$/i.test(name)) this.#changed(path)
      })
      watcher.on('error', () => this.#end(path))
      this.#watchers.set(path, watcher)
      return true
    } catch (error) {
      // It went meanwhile, or the system has no watches left.
      this.#isFull ||= ['ENOSPC', 'EMFILE'].includes(codeOf(error))
      return false
    }
  }

  #end(path: string): void {
    this.#watchers.get(path)?.close()
    this.#watchers.delete(path)
  }
}
