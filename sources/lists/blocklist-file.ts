import { readFile, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { type Blocklist, emptyBlocklist, parseBlocklist } from '../../common/blocklist.ts'
import { errorCode } from '../../common/errors.ts'
import type { Log } from '../../common/log.ts'
import { createPoller, type Poller } from '../providers/shared/poller.ts'

/** Its message is a sentence for the operator. */
export class BlocklistError extends Error {
  override readonly name = 'BlocklistError'
}

/** The operator's file, as it was last read. */
export interface BlocklistFile extends Blocklist {
  /**
   * Reads the file, then again whenever it changes.
   * @throws BlocklistError when it cannot be read: a server must not run without its blocklist
   */
  start(): Promise<void>
  close(): Promise<void>
}

const POLL_MS = 5000
const DEBOUNCE_MS = 250
const MAX_BYTES = 16 * 1024 * 1024
/** In the log; the rest of the bad lines is not told. */
const MAX_LOGGED_LINES = 20

/** @param path absolute; undefined: nothing is blocked */
export const createBlocklistFile = (
  path: string | undefined,
  log: Log,
  pollMs: number = POLL_MS,
): BlocklistFile => new PolledBlocklist(path, log, pollMs)

class PolledBlocklist implements BlocklistFile {
  readonly #path: string | undefined
  readonly #log: Log
  readonly #pollMs: number
  #list: Blocklist = emptyBlocklist
  /** Differs when the file was changed; undefined when it could not be read the last time. */
  #version: string | undefined
  #poller: Poller | undefined
  #polling: Promise<void> = Promise.resolve()

  constructor(path: string | undefined, log: Log, pollMs: number) {
    this.#path = path
    this.#log = log
    this.#pollMs = pollMs
  }

  // Arrow functions: they are handed on without this object.
  hasTitle = (imdbId: string): boolean => this.#list.hasTitle(imdbId)
  hasInfoHash = (infoHash: string): boolean => this.#list.hasInfoHash(infoHash)
  hasHost = (host: string): boolean => this.#list.hasHost(host)

  async start(): Promise<void> {
    const path = this.#path
    if (path === undefined) return
    try {
      await this.#read(path)
    } catch (error) {
      const why = errorCode(error) ?? 'too large'
      throw new BlocklistError(`BLOCKLIST names a file that cannot be read (${why}).`, {
        cause: error,
      })
    }
    this.#poller = createPoller({
      folder: dirname(path),
      pollMs: () => this.#pollMs,
      debounceMs: DEBOUNCE_MS,
      poll: () => this.#poll(path),
    })
  }

  async close(): Promise<void> {
    this.#poller?.close()
    await this.#polling
  }

  /** While the file is gone or broken, the list stays as it was last read. */
  #poll(path: string): Promise<void> {
    this.#polling = this.#read(path).catch((err: unknown) => {
      if (this.#version !== undefined) {
        this.#log.error({ err }, 'the blocklist cannot be read; the last one stays')
      }
      this.#version = undefined
    })
    return this.#polling
  }

  async #read(path: string): Promise<void> {
    const { mtimeMs, size, ino } = await stat(path)
    const version = `${mtimeMs}:${size}:${ino}`
    if (version === this.#version) return
    if (size > MAX_BYTES) throw new Error('larger than 16 MiB')
    const { badLines, count, list } = parseBlocklist(await readFile(path, 'utf8'))
    this.#list = list
    this.#version = version
    this.#log.info({ count }, 'blocklist read')
    if (badLines.length > 0) {
      const lines = badLines.slice(0, MAX_LOGGED_LINES)
      this.#log.warn({ lines }, 'lines of the blocklist are no IMDb id, info hash or host name')
    }
  }
}
