import { open, readFile } from 'node:fs/promises'
import { basename } from 'node:path'
import { isMissing, replaceFile } from '../cache/disk/replace-file.ts'
import { cleanText } from '../common/clean-text.ts'
import { errorCode } from '../common/errors.ts'
import { createLog } from '../common/log.ts'
import { createAddressRules } from '../common/network/address-rules.ts'
import { createOutbound } from '../common/network/guarded-outbound.ts'
import type { Config } from '../config/config.ts'
import type { AnimeSite, ReadTable } from '../sources/anime/anime-row.ts'
import {
  AnimeTable,
  formatTable,
  parseTable,
  readPublicTable,
} from '../sources/anime/anime-table.ts'
import { reasonOf } from '../sources/providers/shared/foreign-answer.ts'
import { type AnimeIdsOptions, readAnimeIdsOptions } from './anime-ids-options.ts'
import { BAD_SETTINGS, CommandError, NOT_NOW } from './shared/command-error.ts'
import { loadSettings, runCommand } from './shared/run-command.ts'

/** EX_DATAERR of sysexits.h. */
const NO_TABLE = 65
/** The largest public table has 8 MB. */
const MAX_BYTES = 32 * 1024 * 1024
const DOWNLOAD_MS = 120_000
/** Of where a table is from. */
const MAX_NAME = 300

/** Through the guard of all requests: public addresses, and what OUTBOUND_ALLOW lets in. */
async function download(url: string, config: Config): Promise<Buffer> {
  const rules = createAddressRules(config.outboundAllow)
  const outbound = createOutbound({ rules, log: createLog('error')('outbound') })
  try {
    const signal = AbortSignal.timeout(DOWNLOAD_MS)
    const limits = { signal, timeoutMs: DOWNLOAD_MS, maxBytes: MAX_BYTES }
    const { status, body } = await outbound.get(url, limits)
    if (status !== 200) throw new Error(`status ${status}`)
    return body
  } catch (error) {
    const { host } = new URL(url)
    throw new CommandError(NOT_NOW, `The table cannot be had of ${host}: ${reasonOf(error)}.`)
  } finally {
    outbound.close()
  }
}

async function readBounded(path: string): Promise<Buffer> {
  try {
    const file = await open(path)
    try {
      const { size } = await file.stat()
      if (size > MAX_BYTES) throw new CommandError(NO_TABLE, `${path} has more than 32 MiB.`)
      return await file.readFile()
    } finally {
      await file.close()
    }
  } catch (error) {
    if (error instanceof CommandError) throw error
    throw new CommandError(NO_TABLE, `${path} cannot be read (${errorCode(error) ?? 'unknown'}).`)
  }
}

function publicTable(bytes: Buffer, from: string): ReadTable {
  const what = `${from} is no table of anime ids: name anime-list-full.json or imdb_mapping.json.`
  try {
    const table = readPublicTable(JSON.parse(bytes.toString('utf8').replace(/^\ufeff/, '')))
    if (table && table.rows.length > 0) return table
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
  }
  throw new CommandError(NO_TABLE, what)
}

/** What is there already; none where it is missing, or is no table. */
async function tableAt(path: string): Promise<AnimeTable> {
  try {
    return await parseTable(await readFile(path, 'utf8'))
  } catch (error) {
    if (isMissing(error) || errorCode(error) === undefined) return new AnimeTable([])
    throw new CommandError(BAD_SETTINGS, `ANIME_IDS ${path} cannot be read (${errorCode(error)}).`)
  }
}

/** `kitsu: 18,000 ids, 12 new, 3 changed, 1 gone`. */
function changes(site: AnimeSite, before: AnimeTable, after: AnimeTable): string {
  const ids = after.ids(site)
  const fresh = ids.filter((id) => !before.find(site, id))
  const changed = ids.filter((id) => {
    const row = before.find(site, id)
    return row && JSON.stringify(row) !== JSON.stringify(after.find(site, id))
  })
  const gone = before.ids(site).filter((id) => !after.find(site, id))
  const counts = `${fresh.length} new, ${changed.length} changed, ${gone.length} gone`
  return `${`${site}:`.padEnd(7)} ${ids.length} ids, ${counts}\n`
}

async function refresh({ from }: AnimeIdsOptions): Promise<number> {
  const { config } = loadSettings()
  const { animeIds: path } = config
  if (path === undefined) {
    throw new CommandError(BAD_SETTINGS, 'Set ANIME_IDS to the path of a file first.')
  }
  const isWeb = /^https?:\/\//i.test(from) && URL.canParse(from)
  const place = isWeb ? new URL(from).host + new URL(from).pathname : basename(from)
  const name = cleanText(place, MAX_NAME)
  const { rows, leftOut } = publicTable(
    isWeb ? await download(from, config) : await readBounded(from),
    name,
  )
  const text = formatTable(rows, name)
  const [before, after] = [await tableAt(path), await parseTable(text)]
  await replaceFile(path, text).catch((error: unknown) => {
    const why = errorCode(error) ?? String(error)
    throw new CommandError(BAD_SETTINGS, `ANIME_IDS ${path} cannot be written (${why}).`)
  })
  process.stdout.write(changes('kitsu', before, after) + changes('mal', before, after))
  for (const [reason, count] of Object.entries(leftOut)) {
    process.stdout.write(`left out: ${count} (${reason})\n`)
  }
  return 0
}

await runCommand(readAnimeIdsOptions(process.argv.slice(2)), refresh)
