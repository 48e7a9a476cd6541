import { readFileSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { join } from 'node:path'
import { cacheStats } from '../../test/support/facts.ts'
import { type Inside, insideEnv, lookInside } from '../../test/support/server/look-inside.ts'
import type { Stage } from '../../test/support/server/stage.ts'
import { COLD, type FilmName, LONG } from '../../test/support/strangers/strangers-stage.ts'
import { playMovie } from '../../test/support/titles.ts'
import { sleep } from '../../test/support/wait.ts'
import { processFigures } from '../streaming/process-figures.ts'
import { type HonestFigures, HonestViewer, PlayingStream } from './honest.ts'
import { type Outcomes, runAttack } from './run-attack.ts'

const HOSTILE = '127.0.0.66'
const [QUIET_VISITS, VISITS] = [6, 12]
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
  /** Films that went to make room. */
  readonly evicted: number
  readonly outcomes: Outcomes
}

/** MiB, the largest resident set it ever had. */
function peakOf(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  return Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024
}

/** Attacks a server of its own, after a while in which it had the honest viewer alone. */
export async function measureRow(
  stage: Stage<FilmName>,
  name: string,
  attackNames: readonly string[],
): Promise<Row> {
  const file = join(await mkdtemp(join(stage.folder, 'inside-')), 'inside.json')
  const server = await stage.another(insideEnv(file))
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
    const { evictions } = await cacheStats(server.base)
    return {
      ...{ name, quiet, attacked, outcomes },
      playedBytes: play.bytes - quietPlay.bytes,
      gaps: { quietMs: quietPlay.longestGapMs, attackedMs: play.longestGapMs },
      inside: { quiet: quietInside, attacked: attackedInside },
      peaks: { main: peakOf(server.pid), all: processFigures(server.pid).peak },
      evicted: evictions.disk + evictions.count,
    }
  } finally {
    await playing.end()
    await server.stop()
  }
}
