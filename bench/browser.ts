// What a film costs that is made ready for browsers: `npm run bench:browser`; `-- --parts one,memory --runs 5 --write` runs some
// of it (start, memory, jumps, one, many, second, encoded) and adds the table to docs/performance.md. A film of 1080p with AC-3 5.1, 8.7 Mbit/s, on this machine: from a swarm over a line of 67 Mbit/s and 20 ms,
// and from its disk. Each run takes all parts in turn, with servers of its own, so nothing is kept from the one before. Viewers,
// seeder and server share the same cores. Needs libtorrent's Python bindings and ffmpeg.

import { mkdtemp, readFile, rename } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { openStage, type Stage } from '../test/support/server/stage.ts'
import { KiB, MiB } from '../test/support/swarm/payload.ts'
import { movie } from '../test/support/titles.ts'
import { type BenchFilms, makeFilms } from './browser/films.ts'
import {
  convertedStart,
  encoding,
  type Figures,
  jobMemory,
  jumps,
  LONG,
  MINUTES,
  OLD,
  plainStart,
  secondViewer,
  VIEWERS,
  watching,
} from './browser/measures.ts'
import { browserTable } from './browser/report.ts'
import { leaveNothingBehind } from './left-behind.ts'
import { loadNow, report } from './performance-page.ts'
import type { ShapedLink } from './streaming/links.ts'
import { startProgram } from './streaming/program.ts'

const LINE = 8 * MiB
const RTT_MS = 20
const print = (text: string): void => void process.stdout.write(`${text}\n`)

const { values: options } = parseArgs({
  options: {
    parts: { type: 'string', default: 'start,memory,jumps,one,many,second,encoded' },
    runs: { type: 'string', default: '3' },
    write: { type: 'boolean', default: false },
  },
})
const runs = Number(options.runs)
const isWanted = (part: string): boolean => options.parts.split(',').includes(part)

const coldId = (n: number): string => `tt90071${String(n).padStart(2, '0')}`

/** A swarm with two films a run that nobody has asked for, and two on the disk. */
async function openBench(films: BenchFilms): Promise<Stage<string>> {
  const bytes = await readFile(films.short)
  const cold = Array.from({ length: 2 * runs }, (_, n) => n)
  const plan = (n: number) => ({
    name: `Cold.${n}`,
    files: { [`Cold.${n}.2001.1080p.mkv`]: bytes },
    pieceLength: 512 * KiB,
  })
  const stage = await openStage<string>({
    torrents: Object.fromEntries(cold.map((n) => [`cold-${n}`, plan(n)])),
    titles: ({ magnet }) => [
      ...cold.map((n) => movie(coldId(n), `Cold ${n}`, { magnet: magnet(`cold-${n}`) })),
      movie(LONG, 'Long', { path: './long.mkv' }),
      movie(OLD, 'Old', { path: './old.mkv' }),
    ],
    env: { LOG_LEVEL: 'info' },
  })
  const beside = join(stage.catalogue, '..')
  await rename(films.long, join(beside, 'long.mkv'))
  await rename(films.old, join(beside, 'old.mkv'))
  const shaper = await shapedLine(stage)
  return {
    ...stage,
    async end() {
      await shaper.stop()
      await stage.end()
    },
  }
}

/**
 * The line between swarm and server. libtorrent's own limiter sends four megabytes each half second, which no line does:
 * where in that half second a jump fell was most of what it took.
 */
async function shapedLine({ seeder, torrents, tracker }: Stage<string>) {
  const link: ShapedLink = {
    ...{ rate: LINE, rttMs: RTT_MS },
    ...{ listen: '127.0.0.31', to: seeder.peers[0] ?? '' },
  }
  const script = new URL('./streaming/shaper.ts', import.meta.url).pathname
  const shaper = await startProgram([process.execPath, script, JSON.stringify([link])])
  const peers: readonly string[] = JSON.parse(shaper.firstLine)
  for (const { infoHash } of Object.values(torrents)) tracker.peers(infoHash, peers)
  return shaper
}

async function oneRun(stage: Stage<string>, n: number, size: number): Promise<Figures> {
  const plain = () => plainStart(stage.server, coldId(2 * n), size)
  const converted = () => convertedStart(stage.server, coldId(2 * n + 1), stage.folder)
  // Who comes second finds the server warm.
  const starts = n % 2 === 0 ? [plain, converted] : [converted, plain]
  const figures: Record<string, number> = {}
  const take = async (part: () => Promise<Figures>): Promise<void> => {
    const taken = await part()
    print(`run ${n + 1} ${JSON.stringify(taken)}`)
    Object.assign(figures, taken)
  }
  for (const start of isWanted('start') ? starts : []) await take(start)
  const server = await stage.another()
  const parts: Readonly<Record<string, () => Promise<Figures>>> = {
    memory: () => jobMemory(server),
    jumps: () => jumps(server),
    one: () => watching(server, 1),
    many: () => watching(server, VIEWERS),
    second: () => secondViewer(server),
  }
  for (const [name, part] of Object.entries(parts)) if (isWanted(name)) await take(part)
  await server.stop()
  if (!isWanted('encoded')) return figures
  const encoder = await stage.another({ BROWSER: 'video' })
  await take(() => encoding(encoder))
  await encoder.stop()
  return figures
}

leaveNothingBehind()
const loadBefore = loadNow()
const films = await makeFilms(await mkdtemp(join(tmpdir(), 'films-')), MINUTES.all)
const { length: size } = await readFile(films.short)
const stage = await openBench(films)
const all: Figures[] = []
try {
  for (let n = 0; n < runs; n++) {
    all.push(await oneRun(stage, n, size))
  }
} finally {
  await stage.end()
}

await report({
  ...{ command: 'npm run bench:browser', runs, loadBefore },
  sections: [browserTable(all)],
  write: options.write,
})
