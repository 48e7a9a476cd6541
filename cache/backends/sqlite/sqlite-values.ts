import type { Clock } from '../../../common/clock.ts'
import type { StoredValue } from '../../index/cache-index.ts'
import type { SqliteConnection } from './sqlite-connection.ts'
import type { Pending } from './sqlite-pending.ts'

interface ValueText {
  readonly json: string
  readonly revision: number
}

/** The key-value store of the database, as the changes that could not be written yet leave it. */
export class SqliteValues {
  readonly #connection: SqliteConnection
  readonly #pending: Pending
  readonly #clock: Clock
  readonly #maxBytes: number

  constructor(
    connection: SqliteConnection,
    pending: Pending,
    { clock, maxBytes }: { clock: Clock; maxBytes: number },
  ) {
    this.#connection = connection
    this.#pending = pending
    this.#clock = clock
    this.#maxBytes = maxBytes
  }

  size(): { used: number; max: number } {
    const inFile = this.#connection.read(({ values }) => values.bytes()) ?? 0
    return { used: inFile + this.#pending.valueBytes, max: this.#maxBytes }
  }

  read<T>(name: string): StoredValue<T> | undefined {
    const stored = this.#textOf(name)
    return stored && { value: JSON.parse(stored.json) as T, revision: stored.revision }
  }

  write(name: string, value: unknown, expected: number, ttlMs: number): boolean {
    const now = this.#clock.wall()
    const json = JSON.stringify(value) ?? 'null'
    const fresh = { name, json, expiresAt: now + Math.max(1, ttlMs) }
    const done = this.#connection.write(({ values }) => values.write(fresh, expected, now))
    if (done) return done.value
    if ((this.#textOf(name)?.revision ?? 0) !== expected) return false
    this.#pending.setValue(fresh, this.#rowOf(name)?.revision ?? 0)
    return true
  }

  #textOf(name: string): ValueText | undefined {
    const pending = this.#pending.value(name)
    if (!pending) return this.#rowOf(name)
    return pending.expiresAt > this.#clock.wall() ? pending : undefined
  }

  #rowOf(name: string): ValueText | undefined {
    return this.#connection.read(({ values }) => values.read(name, this.#clock.wall()))
  }
}
