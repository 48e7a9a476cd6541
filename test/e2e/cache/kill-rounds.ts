import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from '@jest/globals'
import { type SeededRandom, seededRandom } from '../../common/seeded-random.ts'
import { type Env, environment, launch, type Playlink } from '../../support/server/playlink.ts'
import { childrenOf, endGroup, exitOf, killGroup } from '../../support/server/processes.ts'
import { ask, begin } from '../../support/server/request.ts'
import { openStage, type Stage } from '../../support/server/stage.ts'
import { KiB, MiB, sha256 } from '../../support/swarm/payload.ts'
import { movie, playMovie } from '../../support/titles.ts'
import { eventually, sleep } from '../../support/wait.ts'
import { expectExact, type Kept, keptIn } from './persistence-stage.ts'

const SHORTS = ['one', 'two', 'three'] as const
export const NAMES = ['film', ...SHORTS] as const
type Name = (typeof NAMES)[number]
export const PIECE = 64 * KiB
export const FILM_BYTES = 12 * MiB
/** Slow enough that the film outlives the rounds; the shorts have a seeder of their own. */
const FILM_RATE = 500 * KiB

const idOf = (name: Name): string => `tt90031${NAMES.indexOf(name) + 10}`

/** A cache that is killed again and again, and what must outlive it. */
export interface KillRounds {
  readonly stage: Stage<Name>
  readonly random: SeededRandom
  /**
   * Plays, sweeps or cleans, half of the times without its engine from some moment on, and is killed at a random
   * moment; checked against the time before.
   */
  round(): Promise<void>
  start(more?: Env): Promise<Playlink>
  /** A fresh server's state: exact numbers, no orphan, nothing lost that was there and verified. */
  check(server: Playlink): Promise<void>
  /** Bytes of the film on disk that are right. */
  readonly verified: number
  /** Bytes of the film on disk whenever a round began that may evict them: at most fetched again. */
  readonly evictable: number
  /** How often the engine alone was killed. */
  readonly engineKills: number
  play(server: Playlink, name: Name): Promise<void>
}

interface Before {
  readonly complete: ReadonlySet<string>
  readonly film: ReadonlySet<number>
}

export async function openKillRounds(env: Env): Promise<KillRounds> {
  const random = seededRandom()
  const stage = await openSwarm()
  const CACHE_DIR = join(stage.folder, 'kept')
  const kept = { CACHE_PERSISTENT: 'true', CACHE_DIR, ...env }
  let before: Before = { complete: new Set(), film: new Set() }
  /** Since `before`, something was allowed to go. */
  let mayHaveGone = false
  let evictable = 0
  let engineKills = 0

  const start = (more: Env = {}): Promise<Playlink> => stage.another({ ...kept, ...more })

  async function hasSome(name: Name): Promise<boolean> {
    const kept = await keptIn(CACHE_DIR)
    return kept.some(({ key, bytes }) => key.startsWith(stage.torrents[name].infoHash) && bytes > 0)
  }

  async function check(server: Playlink): Promise<void> {
    const now = await settled(() => stateOf(stage, server, CACHE_DIR))
    if (!mayHaveGone) {
      expect([...before.complete].filter((key) => !now.complete.has(key))).toEqual([])
      expect([...before.film].filter((piece) => !now.film.has(piece))).toEqual([])
    }
    before = now
    mayHaveGone = false
  }

  async function play(server: Playlink, name: Name): Promise<void> {
    const answer = await ask(server.base + playMovie(idOf(name)), { timeout: 60_000 })
    expect([name, answer.status, answer.complete]).toEqual([name, 200, true])
    expect(sha256(answer.body)).toBe(sha256(stage.torrents[name].content))
  }

  async function round(): Promise<void> {
    // The first one lives until something of the film came, so that there is something to lose.
    const isFirst = before.film.size === 0 && evictable === 0
    const kinds = ['starting', 'sweeping', 'cleaning', 'plain', 'plain', 'plain'] as const
    const kind = isFirst ? 'plain' : random.pick(kinds)
    if (kind === 'starting') return killAtStart(join(stage.folder, 'home'), kept, random)
    const sweeping = kind === 'sweeping' ? { CACHE_TTL: '1', CACHE_CLEANUP_INTERVAL: '1' } : {}
    // What came after the last check is only on disk: the sweep that begins with the start takes it.
    if (kind !== 'plain') evictable += (await filmOnDisk(stage, CACHE_DIR)).size * PIECE
    mayHaveGone ||= kind === 'sweeping'
    const server = await start(sweeping)
    await check(server)
    mayHaveGone = kind !== 'plain'
    const short = random.pick(SHORTS)
    const under = Promise.all([
      playPart(stage, server, random),
      sleep(random.below(300)).then(() => play(server, short).catch(() => {})),
      kind === 'cleaning' && sleep(random.below(1500)).then(() => clean(server)),
      !isFirst && random.below(2) === 0 && sleep(random.below(1500)).then(() => killEngine(server)),
    ])
    under.catch(() => {}) // heard below
    if (isFirst) await eventually('a piece of the film', () => hasSome('film'))
    await sleep(random.below(2500))
    await server.kill()
    await under
  }

  /** Who reads waits for the next engine; what it gets from either must be right. */
  function killEngine({ pid }: Playlink): void {
    const [engine] = childrenOf(pid)
    if (engine === undefined) return
    engineKills++
    try {
      process.kill(engine, 'SIGKILL')
    } catch {} // it went by itself
  }

  return {
    ...{ stage, random, round, start, check, play },
    get engineKills() {
      return engineKills
    },
    get verified() {
      return before.film.size * PIECE
    },
    get evictable() {
      return evictable
    },
  }
}

async function openSwarm(): Promise<Stage<Name>> {
  const stage = await openStage<Name>({
    seeders: ['127.0.0.11', '127.0.0.12'],
    torrents: {
      film: { name: 'film.mkv', size: FILM_BYTES, pieceLength: PIECE },
      one: { name: 'one.mkv', size: MiB, pieceLength: PIECE },
      two: { name: 'two.mkv', size: MiB + 7, pieceLength: PIECE },
      three: { name: 'three.mkv', size: 700_001, pieceLength: PIECE },
    },
    titles: ({ magnet }) => NAMES.map((name) => movie(idOf(name), name, { magnet: magnet(name) })),
  })
  const [slow = '', quick = ''] = stage.seeder.peers
  for (const name of NAMES) {
    stage.tracker.peers(stage.torrents[name].infoHash, [name === 'film' ? slow : quick])
  }
  await stage.seeder.rate(FILM_RATE, 0)
  await stage.seeder.rate(MiB, 1)
  return stage
}

/** A sweep of the start may run beside: it is looked again until all is consistent. */
async function settled<T>(look: () => Promise<T>): Promise<T> {
  let why: unknown
  const found = await eventually(
    'exact numbers, right bytes and no orphan',
    () =>
      look().then(
        (state) => ({ state }),
        (error: unknown) => {
          why = error
          return undefined
        },
      ),
    15_000,
    () => String(why),
  )
  return found.state
}

/** What is there, after a check of its numbers, names and bytes. */
async function stateOf(stage: Stage<Name>, server: Playlink, dir: string): Promise<Before> {
  const kept = await expectExact(server, PIECE)
  await expectNoOrphans(dir, kept)
  const complete = new Set(kept.filter((each) => each.complete).map(({ key }) => key))
  for (const name of NAMES) {
    const { infoHash, content } = stage.torrents[name]
    if (!complete.has(`${infoHash}/0`)) continue
    const hash = sha256(await readFile(join(dir, infoHash, '0')))
    expect([name, hash]).toEqual([name, sha256(content)])
  }
  return { complete, film: await filmPieces(stage, dir, kept) }
}

/** Folders of torrents with a content and nothing else, no half-written file. */
async function expectNoOrphans(dir: string, kept: readonly Kept[]): Promise<void> {
  const names = await readdir(dir, { recursive: true })
  const contents = new Set(kept.map(({ key }) => key))
  const torrents = new Set(kept.map(({ key }) => key.slice(0, 40)))
  const ours = (name: string): boolean =>
    torrents.has(name) ||
    contents.has(name) ||
    contents.has(name.replace(/\.json$/, '')) ||
    (torrents.has(name.slice(0, 40)) && /\/metainfo\.torrent$|\/edges(\/|$)/.test(name))
  expect(names.filter((name) => /^[0-9a-f]{40}/.test(name) && !ours(name))).toEqual([])
  expect(names.filter((name) => name.includes('.tmp-') && /^[0-9a-f]{40}/.test(name))).toEqual([])
}

/** Pieces of the film that are right on disk; each of them counts. */
async function filmPieces(
  stage: Stage<Name>,
  dir: string,
  kept: readonly Kept[],
): Promise<Set<number>> {
  const record = kept.find(({ key }) => key === `${stage.torrents.film.infoHash}/0`)
  if (!record) return new Set()
  const right = await filmOnDisk(stage, dir)
  expect([...right].filter((piece) => !record.pieces.has(piece))).toEqual([])
  return right
}

/** Pieces of the film that are right on disk, whether a sidecar knows them or not. */
async function filmOnDisk(stage: Stage<Name>, dir: string): Promise<Set<number>> {
  const { infoHash, content } = stage.torrents.film
  const bytes = await readFile(join(dir, infoHash, '0')).catch(() => Buffer.alloc(0))
  const right = new Set<number>()
  for (let from = 0; from < content.length; from += PIECE) {
    const to = Math.min(from + PIECE, content.length)
    if (bytes.subarray(from, to).equals(content.subarray(from, to))) right.add(from / PIECE)
  }
  return right
}

async function killAtStart(home: string, kept: Env, random: SeededRandom): Promise<void> {
  const { child } = launch(environment(home, kept))
  await sleep(random.below(2000))
  killGroup(child.pid ?? 0)
  await exitOf(child)
  await endGroup(child.pid ?? 0, 'a server that was starting')
}

/** From somewhere in the film until the server dies; what came is right. */
async function playPart(stage: Stage<Name>, server: Playlink, random: SeededRandom): Promise<void> {
  const from = random.below(3) === 0 ? random.below(FILM_BYTES) : 0
  const headers = { Range: `bytes=${from}-` }
  const stream = await begin(server.base + playMovie(idOf('film')), {
    headers,
    timeout: 60_000,
  }).catch(() => undefined)
  if (!stream) return
  const { body } = await stream.rest()
  // The engine died while it opened the film for this viewer.
  if (stream.status === 502) return
  const film = stage.torrents.film.content
  expect([from, body.equals(film.subarray(from, from + body.length))]).toEqual([from, true])
}

const clean = (server: Playlink): Promise<unknown> =>
  ask(`${server.base}/api/cache-config`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"forceCleanup":true}',
  }).catch(() => {})
