import { type Blocklist, emptyBlocklist, parseBlocklist } from '../../common/blocklist.ts'
import { errorCode } from '../../common/errors.ts'
import type { Log } from '../../common/log.ts'
import { PolledFile } from '../polling/polled-file.ts'

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

/** In the log; the rest of the bad lines is not told. */
const MAX_LOGGED_LINES = 20

/** @param path absolute; undefined: nothing is blocked */
export const createBlocklistFile = (
  path: string | undefined,
  log: Log,
  pollMs?: number,
): BlocklistFile => new PolledBlocklist(path, log, pollMs)

class PolledBlocklist implements BlocklistFile {
  readonly #file: PolledFile | undefined
  readonly #log: Log
  #list: Blocklist = emptyBlocklist

  constructor(path: string | undefined, log: Log, pollMs: number | undefined) {
    this.#log = log
    if (path === undefined) return
    this.#file = new PolledFile({
      ...{ path, pollMs },
      take: (text) => this.#take(text),
      // While it is gone or broken, the list stays as it was last read: that is said once.
      failed: (err, before) => {
        if (before === undefined)
          log.error({ err }, 'the blocklist cannot be read; the last one stays')
      },
    })
  }

  // Arrow functions: they are handed on without this object.
  hasTitle = (imdbId: string): boolean => this.#list.hasTitle(imdbId)
  hasInfoHash = (infoHash: string): boolean => this.#list.hasInfoHash(infoHash)
  hasHost = (host: string): boolean => this.#list.hasHost(host)

  async start(): Promise<void> {
    try {
      await this.#file?.read()
    } catch (error) {
      const why = errorCode(error) ?? 'too large'
      throw new BlocklistError(`BLOCKLIST names a file that cannot be read (${why}).`, {
        cause: error,
      })
    }
    this.#file?.watch()
  }

  async close(): Promise<void> {
    await this.#file?.close()
  }

  #take(text: string): void {
    const { badLines, count, list } = parseBlocklist(text)
    this.#list = list
    this.#log.info({ count }, 'blocklist read')
    if (badLines.length > 0) {
      const lines = badLines.slice(0, MAX_LOGGED_LINES)
      this.#log.warn({ lines }, 'lines of the blocklist are no IMDb id, info hash or host name')
    }
  }
}
