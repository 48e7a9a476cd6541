import { realpath } from 'node:fs/promises'
import type { Clock } from '../../../common/clock.ts'
import type { Log } from '../../../common/log.ts'
import { FolderWatches } from './folder-watches.ts'
import { codeOf, type Scan, type ScannedFolders, scanFolder } from './scan-folder.ts'

/** One folder of the setting, and what is in it. */
export interface LibraryFolder {
  /** As the setting has it. */
  readonly path: string
  /** The last scan's; none where it could not be read yet. */
  readonly folders: ScannedFolders
  /** Changes with every scan that found something else. */
  readonly version: number
  /** Resolves when it has been scanned once, or could not be. */
  ready(): Promise<void>
  close(): Promise<void>
}

export interface LibraryFolderDeps {
  readonly path: string
  readonly clock: Clock
  readonly log: Log
  /** How often all of it is looked at again, milliseconds. */
  readonly rescanMs: number
  /** From a change to the scan of it; more changes meanwhile do not put it off. */
  readonly debounceMs: number
}

/** One that could not be read is tried again sooner. */
const RETRY_MS = 30_000

export const openLibraryFolder = (deps: LibraryFolderDeps): LibraryFolder => new Folder(deps)

class Folder implements LibraryFolder {
  readonly path: string
  readonly #deps: LibraryFolderDeps
  readonly #closing = new AbortController()
  readonly #watches = new FolderWatches((path) => this.#hasChanged(path))
  readonly #first: Promise<void>
  #folders: ScannedFolders = new Map()
  #version = 0
  #running: Promise<void>
  #isRunning = false
  /** Folders that were told of since the last scan. */
  #changed = new Set<string>()
  #timer: NodeJS.Timeout | undefined
  /** Of a scan of what has changed. */
  #soon: NodeJS.Timeout | undefined
  /** What the log was told last: a state is told once. */
  #told = ''
  #saidFull = false

  constructor(deps: LibraryFolderDeps) {
    this.path = deps.path
    this.#deps = deps
    this.#first = this.#scan()
    this.#running = this.#first
  }

  get folders(): ScannedFolders {
    return this.#folders
  }

  get version(): number {
    return this.#version
  }

  ready(): Promise<void> {
    return this.#first
  }

  async close(): Promise<void> {
    this.#closing.abort()
    this.#watches.close()
    clearTimeout(this.#timer)
    clearTimeout(this.#soon)
    await this.#running
  }

  #hasChanged(path: string): void {
    this.#changed.add(path)
    if (!this.#isRunning) this.#scanSoon()
  }

  #scanSoon(): void {
    this.#soon ??= setTimeout(() => {
      this.#soon = undefined
      if (!this.#isRunning) this.#running = this.#scan(this.#changed)
    }, this.#deps.debounceMs)
  }

  #scanLater(ms: number): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => {
      if (!this.#isRunning) this.#running = this.#scan()
    }, ms)
  }

  /** @param changed only these; undefined: any may have. Never rejects. */
  async #scan(changed?: ReadonlySet<string>): Promise<void> {
    const { clock, rescanMs } = this.#deps
    const { signal } = this.#closing
    const began = clock.steady()
    this.#isRunning = true
    this.#changed = new Set()
    let isRead = true
    try {
      const root = await realpath(this.path)
      const known = this.#folders
      const scan = await scanFolder(root, { known, changed, now: clock.wall(), signal })
      if (!isSame(known, scan.folders)) {
        this.#folders = scan.folders
        this.#version++
      }
      this.#tell(scan, clock.steady() - began)
      for (const path of await this.#watches.follow(root, scan.folders.keys())) {
        // What came between the scan and the watch was told by nobody.
        if (scan.folders.get(path)?.stamp === '') this.#changed.add(path)
      }
      this.#tellFull()
    } catch (error) {
      isRead = false
      if (!signal.aborted) this.#tellUnread(codeOf(error))
    }
    this.#isRunning = false
    if (signal.aborted) return
    if (!changed) this.#scanLater(isRead ? rescanMs : Math.min(RETRY_MS, rescanMs))
    if (this.#changed.size > 0) this.#scanSoon()
  }

  #tellFull(): void {
    if (!this.#watches.isFull || this.#saidFull) return
    this.#saidFull = true
    this.#deps.log.warn(
      { folder: this.path, minutes: this.#deps.rescanMs / 60_000 },
      'not all folders of the library can be watched: what changes in the others is seen with the next scan (Linux: raise fs.inotify.max_user_watches)',
    )
  }

  #tell({ videos, unread, isCut }: Scan, ms: number): void {
    const { log } = this.#deps
    const folder = this.path
    const state = JSON.stringify([videos, unread, isCut])
    if (state === this.#told) return
    this.#told = state
    log.info({ folder, videos, folders: this.#folders.size, ms: Math.round(ms) }, 'library scanned')
    if (isCut)
      log.warn({ folder }, 'the library has more files than are listed: name a smaller folder')
    if (unread.length === 0) return
    const examples = unread.slice(0, 5).map(({ path, code }) => `${path} (${code})`)
    log.warn(
      { folder, count: unread.length, examples },
      'folders of the library cannot be read: let the user that runs Playlink read and enter them',
    )
  }

  #tellUnread(code: string): void {
    if (code === this.#told) return
    this.#told = code
    const what =
      code === 'ENOENT'
        ? 'it is not there: mount it, or correct LIBRARY'
        : 'let the user that runs Playlink read and enter it, or correct LIBRARY'
    this.#deps.log.warn({ folder: this.path, code }, `the library cannot be read: ${what}`)
  }
}

/** Folders that did not change are the same objects. */
function isSame(before: ScannedFolders, after: ScannedFolders): boolean {
  if (before.size !== after.size) return false
  for (const [path, folder] of after) if (before.get(path) !== folder) return false
  return true
}
