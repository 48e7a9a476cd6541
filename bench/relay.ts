// What it costs that another node has the film: `npm run bench:relay`; `-- --runs 5 --write` adds the table
// to docs/performance.md. Three nodes and a Redis on this machine; one has a film whole, a second one
// relays it. Both are asked in turns, so only figures of one command compare, and client, relay and holder
// share the same cores. Needs libtorrent's Python bindings and redis-server.

import { appendFile } from 'node:fs/promises'
import { cpus, loadavg } from 'node:os'
import { parseArgs } from 'node:util'
import { type Film, openWorld, type WorldNode } from '../test/support/cluster/world.ts'
import { MiB } from '../test/support/swarm/payload.ts'
import { playMovie } from '../test/support/titles.ts'
import { eventually } from '../test/support/wait.ts'
import { leaveNothingBehind } from './left-behind.ts'
import { processFigures } from './streaming/process-figures.ts'
import { read } from './streaming/reader.ts'

const FILM_BYTES = 256 * MiB
/** First bytes a run: they are short, and differ. */
const STARTS = 40
const PAGE = new URL('../docs/performance.md', import.meta.url)
const print = (text: string): void => void process.stdout.write(`${text}\n`)

const { values: options } = parseArgs({
  options: { runs: { type: 'string', default: '3' }, write: { type: 'boolean', default: false } },
})

interface Costs {
  /** Milliseconds. */
  readonly firstByte: number
  /** MiB a second. */
  readonly throughput: number
  /** Of the node that was asked, seconds for 10^9 bytes. */
  readonly cpuPerGB: number
}

const median = (all: readonly number[]): number =>
  [...all].sort((a, b) => a - b)[Math.floor(all.length / 2)] ?? Number.NaN

async function firstByte(node: WorldNode, film: Film, i: number): Promise<number> {
  const size = film.bytes.length
  const at = Math.floor((size / STARTS) * i)
  const plan = { film: { ...film, size } as never, at, length: 1000 }
  return (await read(node.base + playMovie(film.id), plan)).firstByteMs
}

async function wholeFilm(node: WorldNode, film: Film): Promise<Omit<Costs, 'firstByte'>> {
  const size = film.bytes.length
  const before = processFigures(node.server.pid).cpu
  const plan = { film: { ...film, size } as never }
  const { totalMs } = await read(node.base + playMovie(film.id), plan)
  const cpu = processFigures(node.server.pid).cpu - before
  return { throughput: size / MiB / (totalMs / 1000), cpuPerGB: cpu / (size / 1e9) }
}

const ms = (value: number): string => value.toFixed(1)
const two = (value: number): string => value.toFixed(2)
const met = (is: boolean): string => (is ? 'yes' : '**no**')

function table(here: Costs, relayed: Costs): string {
  const later = relayed.firstByte - here.firstByte
  const ratio = relayed.throughput / here.throughput
  return [
    '| Figure | Here | Relayed | Between | Target | Met |',
    '| --- | --- | --- | --- | --- | --- |',
    `| first byte (ms) | ${ms(here.firstByte)} | ${ms(relayed.firstByte)} | ${ms(later)} later | at most 15 later | ${met(later <= 15)} |`,
    `| throughput (MiB/s) | ${ms(here.throughput)} | ${ms(relayed.throughput)} | ${two(ratio)} x | at least 0.6 x | ${met(ratio >= 0.6)} |`,
    `| CPU of the node that is asked (s/GB) | ${two(here.cpuPerGB)} | ${two(relayed.cpuPerGB)} |  | at most 0.3 | ${met(relayed.cpuPerGB <= 0.3)} |`,
  ].join('\n')
}

leaveNothingBehind()
const load = (loadavg()[0] ?? 0).toFixed(1)
const all = { here: [] as Costs[], relayed: [] as Costs[] }
const world = await openWorld({
  films: 1,
  direct: true,
  filmBytes: FILM_BYTES,
  env: { LOG_LEVEL: 'info' },
})
try {
  const film = await world.coldFilm()
  const [holder, other] = world.nodes
  await wholeFilm(holder, film)
  await eventually('published', async () => (await world.holds(holder, film)) || undefined)
  await world.quiet()
  await wholeFilm(other, film)
  for (let run = 1; run <= Number(options.runs); run++) {
    for (const [name, node] of [
      ['here', holder],
      ['relayed', other],
    ] as const) {
      const starts: number[] = []
      for (let i = 0; i < STARTS; i++) starts.push(await firstByte(node, film, i))
      const costs = { firstByte: median(starts), ...(await wholeFilm(node, film)) }
      all[name].push(costs)
      print(`run ${run}, ${name.padEnd(8)} ${JSON.stringify(costs)}`)
    }
  }
} finally {
  await world.end()
}

const middle = (costs: readonly Costs[]): Costs => ({
  firstByte: median(costs.map((each) => each.firstByte)),
  throughput: median(costs.map((each) => each.throughput)),
  cpuPerGB: median(costs.map((each) => each.cpuPerGB)),
})
const day = new Date().toISOString().slice(0, 10)
const heading = `## ${day}, by \`npm run bench:relay\`, medians of ${options.runs}, ${cpus().length} cores, load ${load} before`
const text = `${heading}\n\n${table(middle(all.here), middle(all.relayed))}`
print(`\n${text}`)
if (options.write) await appendFile(PAGE, `\n${text}\n`)
