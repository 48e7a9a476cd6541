import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Tracker } from '../../test/support/swarm/tracker.ts'
import type { Contender, Running } from './contenders.ts'
import type { Films } from './films.ts'

/** A server has been running for a while when a viewer comes. */
const SETTLE_MS = 500

/** All that a part of the bench needs. */
export interface Bench {
  readonly films: Films
  readonly filmsFolder: string
  readonly tracker: Tracker
  /** A measured value of one run; medians are taken at the end. */
  note(figure: string, contender: string, value: number): void
  /** What went wrong; the run goes on, and the figure says so. */
  failed(figure: string, contender: string, error: unknown): void
}

/** Measures everything once for each contender, so that runs of several are interleaved. */
export type Part = (bench: Bench) => Promise<void>

/** Starts a contender in an empty folder; ended and removed after the work, however that ended. */
export async function withServer(
  bench: Bench,
  contender: Contender,
  work: (server: Running) => Promise<void>,
): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'playlink-bench-'))
  try {
    const server = await contender(folder, bench.filmsFolder)
    try {
      await sleep(SETTLE_MS)
      await work(server)
    } finally {
      await server.stop()
    }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
