// How Playlink compares with what people would pick instead, everything on this machine.
// `npm run bench`; `npm run bench -- --parts cold,cached --runs 5 --write` (adds the result to
// docs/performance.md). Contenders take turns within each run: only figures of one command compare.
// Needs libtorrent's Python bindings, and nginx and wrk for `cached`.

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { startTracker } from '../test/support/swarm/tracker.ts'
import { leaveNothingBehind } from './left-behind.ts'
import { report } from './performance-page.ts'
import type { Bench, Part } from './streaming/bench.ts'
import { makeFilms } from './streaming/films.ts'
import { cached } from './streaming/parts/cached.ts'
import { cold } from './streaming/parts/cold.ts'
import { many } from './streaming/parts/many.ts'
import { shaped } from './streaming/parts/shaped.ts'
import { type Measured, table } from './streaming/report.ts'

const PARTS: Readonly<Record<string, Part>> = { cold, shaped, many, cached }
const print = (text: string): void => void process.stdout.write(`${text}\n`)

const { values: options } = parseArgs({
  options: {
    parts: { type: 'string', default: Object.keys(PARTS).join() },
    runs: { type: 'string', default: '3' },
    write: { type: 'boolean', default: false },
  },
})
const names = options.parts.split(',')
const unknown = names.filter((name) => !PARTS[name])
if (unknown.length > 0) {
  print(`There is no part ${unknown.join(', ')}; there are ${Object.keys(PARTS).join(', ')}.`)
  process.exit(64)
}

leaveNothingBehind()
const measured: Measured = new Map()
const failures: string[] = []
const filmsFolder = await mkdtemp(join(tmpdir(), 'playlink-films-'))
const tracker = await startTracker()
try {
  print('writing films ...')
  const films = await makeFilms(filmsFolder, tracker.url)
  const bench: Bench = {
    ...{ films, filmsFolder, tracker },
    note(figure, contender, value) {
      print(`  ${contender.padEnd(15)} ${value.toFixed(2).padStart(10)}  ${figure}`)
      const of = measured.get(figure) ?? new Map<string, number[]>()
      measured.set(figure, of.set(contender, [...(of.get(contender) ?? []), value]))
    },
    failed(figure, contender, error) {
      failures.push(`${contender}, ${figure}: ${error instanceof Error ? error.message : error}`)
      print(`  FAILED ${failures.at(-1)}`)
    },
  }
  for (let run = 1; run <= Number(options.runs); run++) {
    for (const name of names) {
      print(`run ${run}, ${name}`)
      await PARTS[name]?.(bench)
    }
  }
} finally {
  await tracker.close()
  await rm(filmsFolder, { recursive: true, force: true })
}

await report({
  command: 'npm run bench',
  runs: options.runs,
  sections: [table(measured), ...failures.map((line) => `- failed: ${line}`)],
  write: options.write,
})
