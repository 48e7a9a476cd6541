import { existsSync, readFileSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { join } from 'node:path'
import { type Inside, insideEnv, lookInside } from '../../test/support/server/look-inside.ts'
import type { Stage } from '../../test/support/server/stage.ts'
import { COLD, type FilmName, LONG } from '../../test/support/strangers/strangers-stage.ts'
import { playMovie } from '../../test/support/titles.ts'
import { sleep } from '../../test/support/wait.ts'
import { processFigures } from '../streaming/process-figures.ts'
import { type HonestFigures, HonestViewer, PlayingStream } from './honest.ts'
import { type Outcomes, runAttack } from './run-attack.ts'

const HOSTILE = '127.0.0.66'
const [QUIET_VISITS, VISITS] = [8, 14]
/** What an attack has to come to its full strength. */
const HEAD_START_MS = 1500

export interface Row {
  readonly name: string
  readonly quiet: HonestFigures
  readonly attacked: HonestFigures
  /** Bytes of the playing stream while attacked; NaN when it lost any. */
  readonly playedBytes: number
  readonly gaps: { readonly quietMs: number; readonly attackedMs: number }
  readonly inside: { readonly quiet: Inside; readonly attacked: Inside }
  /** MiB, of the main process, and of it with its engine. */
  readonly peaks: { readonly main: number; readonly all: number }
  /** Films of the honest viewer that went to make room. */
  readonly evicted: number
  readonly outcomes: Outcomes
}

/** MiB, the largest resident set it ever had. */
function peakOf(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  return Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024
}

/** Of the first so many, those that have no folder any more. */
function filmsGone({ torrents }: Stage<FilmName>, cacheDir: string, films: number): number {
  const hashes = COLD.slice(0, films).map((_, i) => torrents[`cold${i}`]?.infoHash ?? '')
  return hashes.filter((infoHash) => !existsSync(join(cacheDir, infoHash))).length
}

/** Attacks a server of its own, after a while in which it had the honest viewer alone. */
export async function measureRow(
  stage: Stage<FilmName>,
  name: string,
  attackNames: readonly string[],
): Promise<Row> {
  const file = join(await mkdtemp(join(stage.folder, 'inside-')), 'inside.json')
  const server = await stage.another({ ...insideEnv(file), INSIDE_HOLDS: 'on' })
  const contents = COLD.map((_, i) => stage.torrents[`cold${i}`]?.content ?? Buffer.alloc(0))
  const viewer = new HonestViewer(server.base, contents)
  const film = stage.torrents.long.content
  const playing = await PlayingStream.begin(server.base + playMovie(LONG), film)
  try {
    await viewer.visit(1)
    await lookInside(server, file)
    playing.figures()
    const quiet = await viewer.visit(QUIET_VISITS)
    const quietPlay = playing.figures()
    const quietInside = await lookInside(server, file)
    const running = runAttack(attackNames, server.port, HOSTILE)
    await sleep(HEAD_START_MS)
    const attacked = await viewer.visit(VISITS)
    const play = playing.figures()
    const attackedInside = await lookInside(server, file)
    const outcomes = await running.end()
    const gone = filmsGone(stage, server.cacheDir, viewer.films)
    return {
      ...{ name, quiet, attacked, outcomes },
      playedBytes: play.bytes - quietPlay.bytes,
      gaps: { quietMs: quietPlay.longestGapMs, attackedMs: play.longestGapMs },
      inside: { quiet: quietInside, attacked: attackedInside },
      peaks: { main: peakOf(server.pid), all: processFigures(server.pid).peak },
      evicted: gone,
    }
  } finally {
    await playing.end()
    await server.stop()
  }
}
