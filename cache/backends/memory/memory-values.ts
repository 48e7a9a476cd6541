import { LRUCache } from 'lru-cache'
import type { Clock } from '../../../common/clock.ts'
import type { Log } from '../../../common/log.ts'
import type { StoredValue } from '../../index/cache-index.ts'
import { loadValues, type SavedValues, saveValues } from './values-file.ts'

const MAX_VALUES = 10_000
/** Changes within this time go to disk together. */
const WRITE_DELAY_MS = 300

interface Stored {
  /** Text, so that no caller can change what another one reads. */
  readonly json: string
  readonly revision: number
}

export interface ValueStore {
  read<T>(name: string): Promise<StoredValue<T> | undefined>
  write(name: string, value: unknown, expectedRevision: number, ttlMs: number): Promise<boolean>
  close(): Promise<void>
}

/** The notes in memory, and the form in which they are kept. */
function createTable(clock: Clock) {
  // lru-cache takes a start of 0 for "no time to live", hence the 1; resolution 0 = no timer of its own.
  const notes = new LRUCache<string, Stored>({
    max: MAX_VALUES,
    ttl: 1,
    ttlResolution: 0,
    perf: { now: () => clock.steady() + 1 },
  })
  // One for all names and never reused, so an old revision cannot match a note born later.
  let lastRevision = 0

  return {
    get: (name: string): Stored | undefined => notes.get(name),
    set(name: string, value: unknown, ttlMs: number): void {
      const json = JSON.stringify(value) ?? 'null'
      notes.set(name, { json, revision: ++lastRevision }, { ttl: Math.max(1, ttlMs) })
    },
    restore(saved: SavedValues): void {
      lastRevision = saved.lastRevision
      const now = clock.wall()
      for (const { name, json, revision, expiresAt } of saved.notes) {
        if (expiresAt > now) notes.set(name, { json, revision }, { ttl: expiresAt - now })
      }
    },
    snapshot(): SavedValues {
      const now = clock.wall()
      const list = [...notes.entries()].map(([name, { json, revision }]) => {
        return { name, json, revision, expiresAt: now + notes.getRemainingTTL(name) }
      })
      // Oldest first, so that restoring rebuilds the same order of use.
      return { lastRevision, notes: list.reverse() }
    },
  }
}

/** Notes with revisions and a time to live; kept in `file` when there is one. */
export function createMemoryValues(deps: {
  clock: Clock
  log: Log | undefined
  file: string | undefined
}): ValueStore {
  const { clock, log, file } = deps
  const table = createTable(clock)
  let loading: Promise<void> | undefined
  let timer: NodeJS.Timeout | undefined
  let saving = Promise.resolve()
  let closed = false

  async function load(path: string): Promise<void> {
    const { setAside, ...saved } = await loadValues(path, clock)
    if (setAside) log?.warn({ file: setAside }, 'notes could not be read: set aside')
    table.restore(saved)
  }

  // At the first use: the folder is opened, locked and perhaps emptied after the index is made.
  function loaded(): Promise<void> {
    if (!file) return Promise.resolve()
    loading ??= load(file).catch((error: unknown) => {
      // Unreadable is not empty: nothing may be written over it, and the next call tries again.
      loading = undefined
      throw error
    })
    return loading
  }

  function save(path: string): Promise<void> {
    timer = undefined
    saving = saving
      .then(() => saveValues(path, table.snapshot()))
      .catch((err: unknown) => log?.warn({ err }, 'notes could not be written; kept in memory'))
    return saving
  }

  return {
    async read<T>(name: string) {
      await loaded()
      const stored = table.get(name)
      return stored && { value: JSON.parse(stored.json) as T, revision: stored.revision }
    },
    async write(name, value, expectedRevision, ttlMs) {
      await loaded()
      if ((table.get(name)?.revision ?? 0) !== expectedRevision) return false
      table.set(name, value, ttlMs)
      if (file && !closed) timer ??= setTimeout(() => void save(file), WRITE_DELAY_MS)
      return true
    },
    async close() {
      closed = true
      const unsaved = timer !== undefined
      clearTimeout(timer)
      if (file && unsaved) await save(file)
      await saving
    },
  }
}
