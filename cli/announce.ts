import type { Log } from '../common/log.ts'
import type { Config } from '../config/config.ts'

/** Says where the server can be reached. Logs are for machines; at a terminal a sentence follows. */
export function announce(log: Log, port: number, { host, cache }: Config): void {
  const page = `http://localhost:${port}/`
  log.info({ port, host, page, cacheDir: cache.dir }, 'listening')
  if (!process.stdout.isTTY) return
  process.stdout.write(`\nPlaylink serves at ${page} - open it to install; Ctrl-C stops it.\n\n`)
}
