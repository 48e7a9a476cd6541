// Real TCP over lines with delay, loss, and a limit that all peers share: Playlink beside webtorrent and
// libtorrent, which take turns. `npm run bench:lines -- --rows 'one line,300 ms' --runs 3 --write` runs the
// shapes whose names contain one of these and adds the table to docs/performance.md. The lines are network
// namespaces and TUN devices (bench/lines/line.c): Linux, root, a C compiler. Needs libtorrent's Python
// bindings.

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { leaveNothingBehind } from './left-behind.ts'
import { compileLine, openNetwork } from './lines/network.ts'
import { type Shape, shapes, type Viewer } from './lines/shapes.ts'
import { openStage, type Stage } from './lines/stage.ts'
import { report } from './performance-page.ts'
import type { Streamer } from './streaming/contenders.ts'
import { type Measured, table } from './streaming/report.ts'

const CONTENDERS: readonly Streamer[] = ['webtorrent', 'libtorrent', 'playlink']
const print = (text: string): void => void process.stdout.write(`${text}\n`)

const { values: options } = parseArgs({
  options: {
    rows: { type: 'string', default: '' },
    runs: { type: 'string', default: '3' },
    only: { type: 'string', default: CONTENDERS.join() },
    write: { type: 'boolean', default: false },
  },
})
if (process.platform !== 'linux' || process.getuid?.() !== 0) {
  print('These lines are TUN devices between network namespaces: run this as root, on Linux.')
  process.exit(64)
}

leaveNothingBehind()
const measured: Measured = new Map()
const failures: string[] = []

function note(figure: string, contender: string, value: number): void {
  print(`  ${contender.padEnd(11)} ${value.toFixed(2).padStart(10)}  ${figure}`)
  const of = measured.get(figure) ?? new Map<string, number[]>()
  measured.set(figure, of.set(contender, [...(of.get(contender) ?? []), value]))
}

/** One run of a shape: the contenders take turns on the same line and seeders. */
async function measure(name: string, shape: Shape, line: string): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'playlink-lines-'))
  const network = await openNetwork(line, shape)
  try {
    const stage = await openStage(network, shape, folder)
    try {
      for (const contender of options.only.split(',') as Streamer[]) {
        for (const viewer of shape.viewers) await look(name, stage, contender, viewer)
      }
    } finally {
      await stage.close()
    }
  } finally {
    await network.close()
    await rm(folder, { recursive: true, force: true })
  }
}

async function look(name: string, stage: Stage, contender: Streamer, viewer: Viewer) {
  try {
    const before = await stage.uploaded()
    const seen = await stage.look({ contender, viewer })
    for (const [figure, value] of Object.entries(seen)) note(`${name}: ${figure}`, contender, value)
    if (viewer !== 'read') return
    const twice = ((await stage.uploaded()) - before) / stage.film.size - 1
    note(`${name}: bytes twice (%)`, contender, twice * 100)
  } catch (error) {
    failures.push(`${contender}, ${name}: ${error instanceof Error ? error.message : error}`)
    print(`  FAILED ${failures.at(-1)}`)
  }
}

const folder = await mkdtemp(join(tmpdir(), 'playlink-line-'))
try {
  const line = compileLine(folder)
  const rows = options.rows.split(',')
  const chosen = Object.entries(shapes).filter(([name]) => rows.some((row) => name.includes(row)))
  for (let run = 1; run <= Number(options.runs); run++) {
    for (const [name, shape] of chosen) {
      print(`run ${run}, ${name}`)
      await measure(name, shape, line)
    }
  }
} finally {
  await rm(folder, { recursive: true, force: true })
}

await report({
  command: 'npm run bench:lines',
  runs: options.runs,
  sections: [table(measured), ...failures.map((line) => `- failed: ${line}`)],
  write: options.write,
})
