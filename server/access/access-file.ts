import { readFile, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { type AccessToken, hashOfToken, parseAccessTokens } from '../../common/access-tokens.ts'
import type { Log } from '../../common/log.ts'
import { createPoller, type Poller } from '../../sources/polling/poller.ts'

/** For the operator: its message is a sentence. */
export class AccessFileError extends Error {
  override readonly name = 'AccessFileError'
}

const POLL_MS = 5000
const DEBOUNCE_MS = 250
const MAX_BYTES = 16 * 1024 * 1024

/** The viewers' tokens in the file ACCESS_TOKENS, as it was last read. A missing file holds none. */
export class AccessFile {
  readonly #path: string
  readonly #log: Log
  readonly #pollMs: number
  #byHash: ReadonlyMap<string, AccessToken> = new Map()
  #stamp = ''
  #poller: Poller | undefined
  #polling: Promise<void> = Promise.resolve()

  /** @param path absolute */
  constructor(path: string, log: Log, pollMs: number = POLL_MS) {
    this.#path = path
    this.#log = log
    this.#pollMs = pollMs
  }

  /** Undefined: unknown, or revoked. Looked up by hash, so its time tells nothing of the token. */
  find(token: string): AccessToken | undefined {
    return this.#byHash.get(hashOfToken(token))
  }

  get tokens(): readonly AccessToken[] {
    return [...this.#byHash.values()]
  }

  /** Reads the file, then again whenever it changes. */
  async start(): Promise<void> {
    try {
      await this.#read()
    } catch (error) {
      const why = error instanceof Error && 'code' in error ? error.code : 'not such a file'
      throw new AccessFileError(`ACCESS_TOKENS names a file that cannot be read (${why}).`, {
        cause: error,
      })
    }
    this.#poller = createPoller({
      folder: dirname(this.#path),
      pollMs: () => this.#pollMs,
      debounceMs: DEBOUNCE_MS,
      poll: () => this.#poll(),
    })
  }

  async close(): Promise<void> {
    this.#poller?.close()
    await this.#polling
  }

  async #read(): Promise<void> {
    const found = await stat(this.#path).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return undefined
      throw error
    })
    const stamp = found ? `${found.mtimeMs}:${found.size}:${found.ino}` : 'missing'
    if (stamp === this.#stamp) return
    if (found && found.size > MAX_BYTES) throw new Error('larger than 16 MiB')
    const tokens = found ? parseAccessTokens(await readFile(this.#path, 'utf8')) : []
    this.#byHash = new Map(tokens.map((token) => [token.sha256, token]))
    this.#stamp = stamp
    this.#log.info({ count: tokens.length }, 'access tokens read')
  }

  /** A broken file lets nobody in or out: the last one that could be read counts. */
  async #poll(): Promise<void> {
    this.#polling = this.#read().catch((err: unknown) => {
      if (this.#stamp !== 'broken') {
        this.#log.error({ err }, 'the access tokens cannot be read; those read before stay')
      }
      this.#stamp = 'broken'
    })
    await this.#polling
  }
}

/**
 * @param path absolute; undefined: there are no tokens, and everybody is a viewer
 * @throws AccessFileError when it is there and cannot be read
 */
export async function openAccessFile(
  path: string | undefined,
  log: Log,
  pollMs?: number,
): Promise<AccessFile | undefined> {
  if (path === undefined) return undefined
  const file = new AccessFile(path, log, pollMs)
  await file.start()
  return file
}
