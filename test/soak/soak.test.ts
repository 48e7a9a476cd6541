import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { projectRoot } from '../../scripts/run-command.ts'
import { cacheStats } from '../support/facts.ts'
import { insideEnv } from '../support/server/look-inside.ts'
import { type MemoryGroup, openMemoryGroup } from '../support/server/memory-group.ts'
import type { Launch } from '../support/server/playlink.ts'
import { leaveAll } from '../support/server/request.ts'
import type { Stage } from '../support/server/stage.ts'
import { attack, attacks } from '../support/strangers/attacks.ts'
import { type FilmName, openStrangersStage } from '../support/strangers/strangers-stage.ts'
import { eventually, sleep } from '../support/wait.ts'
import { type Footprint, footprintOf, watchRss } from './footprint.ts'
import { HonestViewers } from './honest-viewers.ts'

/** `npm run soak` says more; here it is short. */
const SOAK_MS = Number(process.env.SOAK_MINUTES ?? 0.75) * 60_000
/** `npm run soak -- --memory 512`: all that the host has for the server, as for a container; else as here. */
const MEMORY_BYTES = Number(process.env.SOAK_MEMORY_MB ?? 0) * 1e6
const WARM_UP_MS = 40_000
const EACH_ATTACK_MS = 2_000
const VIEWERS = 3
/** What the collector and the allocator may hold on to. */
const MEMORY_RATIO = 1.25
/** Resident, at any moment: how soon V8 gives back what was freed is its own affair. */
const MOST_RSS = 512 * 2 ** 20
/** What caches of answers, lists and names may still take in after the warm-up (docs/security.md). */
const CACHES_BYTES = 40 * 2 ** 20

/** What the pool of buffers keeps for the next reader (server/play/buffer-pool.ts): as many as once were lent. */
const POOL_BYTES = 8 * 2 ** 20
const MAY_GROW = { heap: CACHES_BYTES, external: POOL_BYTES, engineRss: 0 } as const

let stage: Stage<FilmName>
let folder = ''
let file = ''
let group: MemoryGroup | undefined

/** The package's own start, which fits itself to the memory that it may have. */
function howOfSmallHost(): Launch | undefined {
  if (MEMORY_BYTES === 0) return undefined
  const made = openMemoryGroup(MEMORY_BYTES)
  if (typeof made === 'string') throw new Error(`no group of memory can be made here: ${made}`)
  group = made
  return { args: [join(projectRoot, 'bin/playlink.mjs')], enter: made.enter }
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'playlink-soak-'))
  file = join(folder, 'inside.json')
  stage = await openStrangersStage({
    longSize: 0,
    how: howOfSmallHost(),
    env: {
      ...insideEnv(file),
      // Files go while others come.
      CACHE_TTL: '3',
      CACHE_CLEANUP_INTERVAL: '1',
      CACHE_MAX_DISK_MB: '30',
      // A warm-up fills it, so that what grows afterwards is no list of sources.
      CACHE_META_MB: '1',
      // Films go every three seconds, so the viewers start far more than people would.
      LIMIT_COLD_STARTS: '1000',
    },
  })
})
afterAll(async () => {
  await stage?.end()
  await group?.end()
  await rm(folder, { recursive: true, force: true })
})

/** Attacks take turns, two at a time, each from an address of its own; viewers go on beside them. */
async function soak(viewers: HonestViewers, ms: number): Promise<Record<string, number>> {
  const stop = new AbortController()
  const timer = setTimeout(() => stop.abort(), ms)
  const outcomes: Record<string, number> = {}
  const told = (outcome: string): void => {
    outcomes[outcome] = (outcomes[outcome] ?? 0) + 1
  }
  const names = Object.keys(attacks)
  const visits = viewers.visit(VIEWERS, stop.signal)
  const running: Promise<void>[] = []
  for (let turn = 0; !stop.signal.aborted; turn++) {
    const turnEnds = AbortSignal.any([stop.signal, AbortSignal.timeout(2 * EACH_ATTACK_MS)])
    const at = turn % names.length
    const target = { port: stage.server.port, from: `127.0.0.${60 + at}`, told }
    running.push(attack([names[at] ?? ''], target, turnEnds))
    await sleep(EACH_ATTACK_MS)
  }
  clearTimeout(timer)
  await visits
  // Plays of what nobody has wait for as long as a play may.
  leaveAll()
  await Promise.all(running)
  return outcomes
}

const quiet = (): Promise<unknown> =>
  eventually(
    'nothing runs and nothing is kept',
    async () => {
      const { arrivals, plays, files } = await cacheStats(stage.server.base)
      return arrivals.running + arrivals.waiting + plays.active + files.count === 0
    },
    90_000,
  )

/** The least of several looks: what is on its way out is no part of it. */
async function settledFootprint(): Promise<Footprint> {
  await quiet()
  let least: Footprint | undefined
  for (let look = 0; look < 5; look++) {
    await sleep(1000)
    const now = await footprintOf(stage.server, file)
    least = least ? (leastOf(least, now) as unknown as Footprint) : now
  }
  return least as Footprint
}

const leastOf = (one: Footprint, other: Footprint): Record<string, number> =>
  Object.fromEntries(
    Object.entries(one).map(([name, value]) => [
      name,
      Math.min(value, other[name as keyof Footprint]),
    ]),
  )

test(
  'viewers and hostile addresses for a while: viewers get all they ask for, and nothing stays behind',
  async () => {
    const warmUp = new HonestViewers(stage)
    await soak(warmUp, WARM_UP_MS)
    const base = await settledFootprint()
    const viewers = new HonestViewers(stage)
    const peakRss = watchRss(stage.server)
    let peak = 0
    const outcomes = await soak(viewers, SOAK_MS).finally(() => {
      peak = peakRss()
    })
    const after = await settledFootprint()
    const told =
      `soak of ${SOAK_MS / 60_000} minutes\nbase ${JSON.stringify(base)}\nafter ${JSON.stringify(after)}, at most ${peak} resident\n` +
      `honest ${JSON.stringify(viewers.done)}, failed ${viewers.failures.length}\nhostile ${JSON.stringify(outcomes)}\n`
    if (process.env.SOAK_MINUTES !== undefined) process.stdout.write(told)
    if (group) {
      process.stdout.write(
        `of ${MEMORY_BYTES} bytes at most ${group.peak()}, files in memory too\n`,
      )
      expect(group.killed()).toBe(0)
    }
    expect([...warmUp.failures, ...viewers.failures]).toEqual([])
    expect(Math.max(peak, after.rss)).toBeLessThan(MOST_RSS)
    for (const name of ['heap', 'external', 'engineRss'] as const) {
      const grown = after[name] > base[name] * MEMORY_RATIO + MAY_GROW[name]
      expect([name, grown ? after[name] / base[name] : 'as before']).toEqual([name, 'as before'])
    }
    for (const name of [
      'descriptors',
      'engineDescriptors',
      'files',
      'timers',
      'resources',
    ] as const) {
      expect([name, Math.max(after[name], base[name])]).toEqual([name, base[name]])
    }
    expect(Object.values(viewers.done).every((times) => times > 0)).toBe(true)
  },
  SOAK_MS + WARM_UP_MS + 300_000,
)
