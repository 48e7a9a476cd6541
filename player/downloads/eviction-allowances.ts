import { LRUCache } from 'lru-cache'
import type { EvictionBudget } from '../../cache/limits/janitor.ts'
import type { Clock } from '../../common/clock.ts'
import { atMost } from '../../common/memory/lru-options.ts'
import type { Job } from '../jobs/shared-job.ts'

const MINUTE_MS = 60_000
const HOUR_MINUTES = 60
/** Files that may go within an hour because there are too many; and one more for so many bytes read. */
const FREE_FILES = 20
const BYTES_PER_FILE = 16 << 20
/**
 * What a connection may have taken from us while its client has read nothing: Linux' own buffer (tcp_wmem,
 * 4 MiB) and what a client's system takes beside it. With a client that is quiet 5.2 MB were measured.
 */
const SOCKET_BYTES = 8 << 20
/** Of a film's worth, what is had by who has read nothing, and for each byte that is read. */
const UNREAD_BYTES = 64 << 20
const FILM_BYTES_PER_READ = 64
/** Films that may go within an hour so that an address without allowance finds one slot at least. */
const WINDOW_FILMS = 4
/** Addresses that are remembered; the one unheard of for longest is forgotten first. */
const MAX_ADDRESSES = 10_000

/** Of the last hour, to the minute. */
class HourlySum {
  readonly #minutes = new Map<number, number>()

  add(minute: number, amount: number): void {
    this.#minutes.set(minute, (this.#minutes.get(minute) ?? 0) + amount)
  }

  at(minute: number): number {
    let sum = 0
    for (const [then, amount] of this.#minutes) {
      if (minute - then < HOUR_MINUTES) sum += amount
      else this.#minutes.delete(then)
    }
    return sum
  }
}

class Account {
  readonly evictedFiles = new HourlySum()
  readonly #read = new HourlySum()
  readonly #evicted = new HourlySum()
  readonly #room = new HourlySum()
  readonly #windowFilms = new HourlySum()
  #hasWindow = false
  /** Bytes that each connection has taken. */
  readonly #taken = new WeakMap<object, number>()
  /** The first film that room was taken for, which is free. */
  #film: { readonly bytes: number; readonly minute: number } | undefined

  left(minute: number, filmBytes: number): number {
    const film = this.#film && minute - this.#film.minute < HOUR_MINUTES ? this.#film : undefined
    if (!film) this.#film = undefined
    const read = this.#read.at(minute)
    const worth = Math.min(film?.bytes ?? filmBytes, UNREAD_BYTES + FILM_BYTES_PER_READ * read)
    return worth + read - Math.max(this.#evicted.at(minute), this.#room.at(minute))
  }

  filesLeft(minute: number): number {
    const earned = Math.floor(this.#read.at(minute) / BYTES_PER_FILE)
    return FREE_FILES + earned - this.evictedFiles.at(minute)
  }

  takeWindow(minute: number): boolean {
    if (this.#hasWindow || this.#windowFilms.at(minute) >= WINDOW_FILMS) return false
    this.#hasWindow = true
    return true
  }

  giveWindow(): void {
    this.#hasWindow = false
  }

  spend(minute: number, filmBytes: number, bytes: number): void {
    if (this.#hasWindow && this.left(minute, filmBytes) <= 0) this.#windowFilms.add(minute, 1)
    this.#film ??= { bytes: filmBytes, minute }
    this.#evicted.add(minute, bytes)
  }

  took(minute: number, filmBytes: number, bytes: number): void {
    this.#film ??= { bytes: filmBytes, minute }
    this.#room.add(minute, bytes)
  }

  /** @returns how many of them its client must have read */
  read(minute: number, connection: object, bytes: number): number {
    const before = this.#taken.get(connection) ?? 0
    this.#taken.set(connection, before + bytes)
    const read = Math.min(bytes, Math.max(0, before + bytes - SOCKET_BYTES))
    if (read > 0) this.#read.add(minute, read)
    return read
  }
}

/**
 * What the viewers of an address may evict of others' films: one film's worth, and then as much as
 * they read of what was fetched for them, within an hour. Free room that they took counts as if it had
 * been evicted (docs/decisions/0022).
 */
export class EvictionAllowances {
  readonly #clock: Clock
  readonly #accounts = new LRUCache<string, Account>(atMost(MAX_ADDRESSES))

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /**
   * The system has taken bytes of a download for a viewer of that address. What may wait unread in the
   * sockets of `connection` does not count, however many responses it carries.
   * @returns how many count as read
   */
  read(address: string, connection: object, bytes: number): number {
    return this.#of(address).read(this.#minute, connection, bytes)
  }

  /**
   * The budget of a download: that of whichever of its viewers has most left. Nothing is counted
   * where viewers have no addresses, and nothing is evicted for a download without a viewer.
   */
  budgetOf(job: Pick<Job<unknown>, 'viewers' | 'addresses'>, filmBytes: number): EvictionBudget {
    const leftOf = (address: string): number => this.#of(address).left(this.#minute, filmBytes)
    const filesOf = (address: string): number => this.#of(address).filesLeft(this.#minute)
    const most = (of: (address: string) => number): number => {
      if (job.viewers === 0) return 0
      if (job.addresses.length === 0) return Number.POSITIVE_INFINITY
      return Math.max(...job.addresses.map(of))
    }
    const richest = (of: (address: string) => number): Account | undefined => {
      const [first] = [...job.addresses].sort((a, b) => of(b) - of(a))
      return first === undefined ? undefined : this.#of(first)
    }
    let payer: Account | undefined
    let window: Account | undefined
    return {
      left: () => most(leftOf),
      filesLeft: () => most(filesOf),
      spend: (bytes, files) => {
        if (bytes > 0) richest(leftOf)?.spend(this.#minute, filmBytes, bytes)
        if (files > 0) richest(filesOf)?.evictedFiles.add(this.#minute, files)
      },
      took: (bytes) => {
        if (bytes > 0) payer = richest(leftOf)
        payer?.took(this.#minute, filmBytes, bytes)
      },
      isSpent: () => job.viewers > 0 && most(leftOf) <= 0,
      takeWindow: () => {
        const accounts = job.addresses.map((address) => this.#of(address))
        window ??= accounts.find((account) => account.takeWindow(this.#minute))
        return window !== undefined
      },
      giveWindow: () => {
        window?.giveWindow()
        window = undefined
      },
    }
  }

  get #minute(): number {
    return Math.floor(this.#clock.steady() / MINUTE_MS)
  }

  #of(address: string): Account {
    const known = this.#accounts.get(address)
    if (known) return known
    const account = new Account()
    this.#accounts.set(address, account)
    return account
  }
}
