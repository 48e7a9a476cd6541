import { copyFile, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Clock } from '../../../common/clock.ts'
import type { Log } from '../../../common/log.ts'
import { isMissing, isUnread } from '../../disk/replace-file.ts'
import type { StoredValue } from '../../index/cache-index.ts'
import { readEarlierValues } from './earlier-values.ts'
import type { SavedValue } from './value-table.ts'
import { ValueTable } from './value-table.ts'
import { ValuesJournal } from './values-journal.ts'

/** Changes within this time are written to disk together. */
const WRITE_DELAY_MS = 300
/** After a write that failed: then all is written, and a full disk must not be kept busy with it. */
const RETRY_DELAY_MS = 30_000
/** Where earlier versions kept their values, beside the journal. */
const EARLIER = 'notes.json'

/** The key-value store of the memory backend; kept in a file when there is one. */
export class MemoryValues {
  readonly #clock: Clock
  readonly #log: Log | undefined
  readonly #file: string | undefined
  readonly #maxBytes: number
  readonly #table: ValueTable
  readonly #journal: ValuesJournal | undefined
  #loading: Promise<void> | undefined
  /** The file of an earlier version, until the journal has its values. */
  #earlier: string | undefined
  /** Names of values that the file does not have yet. */
  readonly #changed = new Set<string>()
  #saveTimer: NodeJS.Timeout | undefined
  #saving = Promise.resolve()
  #hasFailed = false
  #closed = false

  constructor(deps: {
    clock: Clock
    log: Log | undefined
    file: string | undefined
    maxBytes: number
  }) {
    this.#clock = deps.clock
    this.#log = deps.log
    this.#file = deps.file
    this.#maxBytes = deps.maxBytes
    this.#table = new ValueTable(deps.clock, deps.maxBytes)
    this.#journal = deps.file === undefined ? undefined : new ValuesJournal(deps.file)
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
    if (this.#table.revisionOf(name) !== expected) return false
    this.#table.set(name, value, ttlMs)
    if (this.#file) this.#changed.add(name)
    this.#planSave()
    return true
  }

  /** @throws as read */
  async size(): Promise<{ used: number; max: number }> {
    await this.#loaded()
    return { used: this.#table.bytes, max: this.#maxBytes }
  }

  async close(): Promise<void> {
    this.#closed = true
    const hasUnsaved = this.#saveTimer !== undefined
    clearTimeout(this.#saveTimer)
    // A write that runs may fail yet, and would not be tried again.
    await this.#saving
    if (hasUnsaved || this.#hasFailed) this.#save()
    await this.#saving
  }

  /**
   * Reads the file at the first use, because the folder is opened, locked and perhaps emptied only after
   * the index has been made.
   */
  #loaded(): Promise<void> {
    if (!this.#file || !this.#journal) return Promise.resolve()
    this.#loading ??= this.#load(this.#file, this.#journal).catch((error: unknown) => {
      // A file that cannot be read must not be overwritten; the next call tries again.
      this.#loading = undefined
      throw error
    })
    return this.#loading
  }

  async #load(file: string, journal: ValuesJournal): Promise<void> {
    if (await this.#takeUp(file, journal)) return
    const earlier = join(dirname(file), EARLIER)
    if (!(await this.#takeUp(earlier, new ValuesJournal(earlier)))) return
    this.#earlier = earlier
    this.#planSave()
  }

  /** @returns whether there was such a file. @throws the file system's error */
  async #takeUp(path: string, journal: ValuesJournal): Promise<boolean> {
    const table = this.#table
    const restore = (value: SavedValue): void => table.restore(value)
    const given = (last: number): void => table.revisionsGiven(last)
    try {
      const { isJournal, badLines } = await journal.read(2 * this.#maxBytes, given, restore)
      if (!isJournal) await this.#takeUpEarlier(path)
      else if (badLines > 0) await this.#keepForOperator(path, badLines)
      return true
    } catch (error) {
      if (isMissing(error)) return false
      throw error
    }
  }

  /** A file that is neither is renamed for the operator to look at, and the store starts empty. */
  async #takeUpEarlier(path: string): Promise<void> {
    try {
      const { lastRevision, values } = await readEarlierValues(path)
      for (const value of values) this.#table.restore(value)
      this.#table.revisionsGiven(lastRevision)
      this.#planSave()
    } catch (error) {
      if (isUnread(error)) throw error
      const file = this.#asideOf(path)
      await rename(path, file)
      this.#log?.warn({ file }, 'values could not be read: set aside')
    }
  }

  async #keepForOperator(path: string, badLines: number): Promise<void> {
    const file = this.#asideOf(path)
    await copyFile(path, file)
    this.#log?.warn({ file, badLines }, 'some values could not be read: a copy was set aside')
    this.#planSave()
  }

  #asideOf(path: string): string {
    return `${path}.corrupt-${Math.round(this.#clock.wall())}`
  }

  #planSave(): void {
    if (!this.#file || this.#closed) return
    const delay = this.#hasFailed ? RETRY_DELAY_MS : WRITE_DELAY_MS
    this.#saveTimer ??= setTimeout(() => this.#save(), delay)
  }

  #save(): void {
    this.#saveTimer = undefined
    this.#saving = this.#saving
      .then(() => this.#writeChanges())
      .then(() => {
        if (this.#hasFailed) this.#log?.info('values are written again')
        this.#hasFailed = false
      })
      .catch((err: unknown) => {
        // Once when it begins, and when nothing comes after it.
        if (!this.#hasFailed || this.#closed) {
          this.#log?.warn({ err }, 'values could not be written; kept in memory')
        }
        this.#hasFailed = true
        // Whether or not another value changes: what is in memory only would go with the process.
        this.#planSave()
      })
  }

  async #writeChanges(): Promise<void> {
    const journal = this.#journal
    if (!journal) return
    const names = [...this.#changed]
    this.#changed.clear()
    if (!journal.mustBeRewritten(this.#table.bytes)) {
      // Somebody removed the file, or half a line was written: then all is written anew.
      const appended = await journal.append(this.#saved(names)).then(
        () => true,
        () => false,
      )
      if (appended) return
    }
    await journal.rewrite(this.#table.lastRevision, this.#saved(this.#table.names()))
    if (this.#earlier && this.#earlier !== this.#file) await rm(this.#earlier, { force: true })
    this.#earlier = undefined
  }

  *#saved(names: readonly string[]): Generator<SavedValue> {
    for (const name of names) {
      const value = this.#table.saved(name)
      if (value) yield value
    }
  }
}
