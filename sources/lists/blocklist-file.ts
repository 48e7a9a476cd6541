import { readFile, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { type Blocklist, emptyBlocklist, parseBlocklist } from '../../common/blocklist.ts'
import type { Log } from '../../common/log.ts'
import { createWatch, type Watch } from '../providers/shared/catalogue-watch.ts'

/** For the operator: its message is a sentence. */
export class BlocklistError extends Error {
  override readonly name = 'BlocklistError'
}

/** The operator's file, as it was last read. */
export interface BlocklistFile extends Blocklist {
  /**
   * Reads the file, then again whenever it changes.
   * @throws BlocklistError when it cannot be read: nobody may believe in a list that is not there
   */
  start(): Promise<void>
  close(): Promise<void>
}

const POLL_MS = 5000
const DEBOUNCE_MS = 250
const MAX_BYTES = 16 * 1024 * 1024

/** @param path absolute; undefined: nothing is blocked */
export function createBlocklistFile(
  path: string | undefined,
  log: Log,
  pollMs: number = POLL_MS,
): BlocklistFile {
  let list = emptyBlocklist
  let stamp = ''
  let watch: Watch | undefined
  let looking: Promise<void> = Promise.resolve()

  async function read(file: string): Promise<void> {
    const { mtimeMs, size, ino } = await stat(file)
    const now = `${mtimeMs}:${size}:${ino}`
    if (now === stamp) return
    if (size > MAX_BYTES) throw new Error('larger than 16 MiB')
    const { badLines, count, list: fresh } = parseBlocklist(await readFile(file, 'utf8'))
    list = fresh
    stamp = now
    log.info({ count }, 'blocklist read')
    if (badLines.length > 0) {
      const lines = badLines.slice(0, 20)
      log.warn({ lines }, 'lines of the blocklist are no IMDb id, info hash or host name')
    }
  }

  /** A file that is gone or broken takes nothing off the list. */
  async function look(file: string): Promise<void> {
    looking = read(file).catch((err: unknown) => {
      if (stamp !== 'lost') log.error({ err }, 'the blocklist cannot be read; the last one stays')
      stamp = 'lost'
    })
    await looking
  }

  return {
    hasTitle: (id) => list.hasTitle(id),
    hasInfoHash: (hash) => list.hasInfoHash(hash),
    hasHost: (host) => list.hasHost(host),
    async start() {
      if (path === undefined) return
      try {
        await read(path)
      } catch (error) {
        const why = error instanceof Error && 'code' in error ? error.code : 'too large'
        throw new BlocklistError(`BLOCKLIST names a file that cannot be read (${why}).`, {
          cause: error,
        })
      }
      watch = createWatch({
        folder: dirname(path),
        pollMs: () => pollMs,
        debounceMs: DEBOUNCE_MS,
        look: () => look(path),
      })
    },
    async close() {
      watch?.close()
      await looking
    },
  }
}
