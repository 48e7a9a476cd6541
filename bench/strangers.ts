// What one hostile address does to an honest viewer on another, and to the server, attack by attack:
// `npm run bench:strangers`; `-- --rows 2,4 --write` runs those that begin so and puts the table into
// docs/security.md. Each attack has a server of its own, and everything runs on this machine, the hostile
// client too: its work slows the honest viewer like any neighbour's. Needs libtorrent's Python bindings.

import { readFile, writeFile } from 'node:fs/promises'
import { cpus, loadavg } from 'node:os'
import { parseArgs } from 'node:util'
import { attacks } from '../test/support/strangers/attacks.ts'
import { openStrangersStage } from '../test/support/strangers/strangers-stage.ts'
import { leaveNothingBehind } from './left-behind.ts'
import { measureRow, type Row } from './strangers/measure-row.ts'
import { between, missesOf, strangersTable } from './strangers/report.ts'

const LONG_SIZE = 64_000_000
/** The long film and all honest ones stay within it, the large ones do not beside them. */
const DISK_MB = '100'
/** Four times the default: the honest viewer opens in seconds as many titles as people do in minutes. */
const PROVIDER_REQUESTS = '480'
const PAGE = new URL('../docs/security.md', import.meta.url)
const print = (text: string): void => void process.stdout.write(`${text}\n`)

const { values: options } = parseArgs({
  options: { rows: { type: 'string', default: '' }, write: { type: 'boolean', default: false } },
})
const all: readonly (readonly [name: string, attackNames: readonly string[]])[] = [
  ...Object.keys(attacks).map((name) => [name, [name]] as const),
  ['all at once', Object.keys(attacks)],
]
const wanted = options.rows.split(',')
const chosen = all.filter(([name]) => wanted.some((begin) => name.startsWith(begin)))

leaveNothingBehind()
const before = loadavg()[0] ?? 0
const rows: Row[] = []
const failures: string[] = []
const stage = await openStrangersStage({
  longSize: LONG_SIZE,
  env: { CACHE_MAX_DISK_MB: DISK_MB, PROVIDER_REQUESTS },
})
try {
  for (const [name, attackNames] of chosen) {
    print(`${name} ...`)
    try {
      const row = await measureRow(stage, name, attackNames)
      rows.push(row)
      print(`${strangersTable([row]).split('\n').at(-1)}`)
    } catch (error) {
      failures.push(`${name}: ${error}`)
      print(`FAILED ${error}`)
    }
  }
} finally {
  await stage.end()
}

const day = new Date().toISOString().slice(0, 10)
const load = `load ${before.toFixed(1)} before, ${(loadavg()[0] ?? 0).toFixed(1)} after`
const head = `${day}, \`npm run bench:strangers\`, ${cpus().length} cores, ${load}.`
const missed = rows.filter((row) => missesOf(row).length > 0).length
const foot = `Targets missed in ${missed} of ${rows.length} rows.`
const failed = failures.map((line) => `- failed: ${line}`)
const text = [head, strangersTable(rows), foot, ...failed].join('\n\n')
print(`\n${text}`)
if (options.write) {
  await writeFile(PAGE, between(await readFile(PAGE, 'utf8'), 'bench:strangers', text))
}
