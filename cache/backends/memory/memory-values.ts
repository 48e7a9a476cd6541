import type { Clock } from '../../../common/clock.ts'
import type { Log } from '../../../common/log.ts'
import type { StoredValue } from '../../index/cache-index.ts'
import { ValueTable } from './value-table.ts'
import { loadValues, saveValues } from './values-file.ts'

/** Changes within this time are written to disk together. */
const WRITE_DELAY_MS = 300

/** The key-value store of the memory backend; kept in a file when there is one. */
export class MemoryValues {
  readonly #clock: Clock
  readonly #log: Log | undefined
  readonly #file: string | undefined
  readonly #table: ValueTable
  #loading: Promise<void> | undefined
  #saveTimer: NodeJS.Timeout | undefined
  #saving = Promise.resolve()
  #closed = false

  constructor(deps: { clock: Clock; log: Log | undefined; file: string | undefined }) {
    this.#clock = deps.clock
    this.#log = deps.log
    this.#file = deps.file
    this.#table = new ValueTable(deps.clock)
  }

  /** @throws the file system's error when the file cannot be read */
  async read<T>(name: string): Promise<StoredValue<T> | undefined> {
    await this.#loaded()
    const stored = this.#table.get(name)
    return stored && { value: JSON.parse(stored.json) as T, revision: stored.revision }
  }

  /** Compare-and-set, see CacheIndex.writeValue. @throws as read */
  async write(name: string, value: unknown, expected: number, ttlMs: number): Promise<boolean> {
    await this.#loaded()
    if ((this.#table.get(name)?.revision ?? 0) !== expected) return false
    this.#table.set(name, value, ttlMs)
    const file = this.#file
    if (file && !this.#closed) {
      this.#saveTimer ??= setTimeout(() => void this.#save(file), WRITE_DELAY_MS)
    }
    return true
  }

  async close(): Promise<void> {
    this.#closed = true
    const hasUnsaved = this.#saveTimer !== undefined
    clearTimeout(this.#saveTimer)
    if (this.#file && hasUnsaved) await this.#save(this.#file)
    await this.#saving
  }

  /**
   * Reads the file at the first use, because the folder is opened, locked and perhaps emptied only after
   * the index has been made.
   */
  #loaded(): Promise<void> {
    if (!this.#file) return Promise.resolve()
    this.#loading ??= this.#load(this.#file).catch((error: unknown) => {
      // A file that cannot be read must not be overwritten; the next call tries again.
      this.#loading = undefined
      throw error
    })
    return this.#loading
  }

  async #load(file: string): Promise<void> {
    const { setAside, ...saved } = await loadValues(file, this.#clock)
    if (setAside) this.#log?.warn({ file: setAside }, 'values could not be read: set aside')
    this.#table.restore(saved)
  }

  #save(file: string): Promise<void> {
    this.#saveTimer = undefined
    this.#saving = this.#saving
      .then(() => saveValues(file, this.#table.snapshot()))
      .catch((err: unknown) => {
        this.#log?.warn({ err }, 'values could not be written; kept in memory')
      })
    return this.#saving
  }
}
