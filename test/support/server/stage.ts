import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Seeder, startSeeder } from '../swarm/seeder.ts'
import {
  type BuiltTorrent,
  buildTorrent,
  type TorrentPlan,
  writeForSeeding,
} from '../swarm/torrent.ts'
import { startTracker, type Tracker } from '../swarm/tracker.ts'
import { type Env, type Launch, type Playlink, startPlaylink } from './playlink.ts'
import { leaveAll } from './request.ts'

/** What a local catalogue file holds (JSON); a broken entry is written as it stands. */
export interface CatalogueTitle {
  readonly id: string
  readonly type: 'movie' | 'series'
  readonly name: string
  readonly [key: string]: unknown
}

export interface StagePlan<Name extends string> {
  readonly torrents?: Readonly<Record<Name, TorrentPlan>>
  /** Titles, when the links of the swarm are known. */
  titles?(links: Links<Name>, folder: string): readonly CatalogueTitle[]
  readonly env?: Env
  /** How its servers are run, where not as `npm start` does. */
  readonly how?: Launch | undefined
  readonly seeders?: readonly string[]
  /** Of the seeders, by the names that libtorrent has for them. */
  readonly libtorrent?: Readonly<Record<string, boolean | number>>
}

interface Links<Name extends string> {
  readonly torrents: Readonly<Record<Name, BuiltTorrent>>
  readonly trackerUrl: string
  /** Magnet with our tracker. */
  magnet(name: Name): string
}

export interface Stage<Name extends string> extends Links<Name> {
  readonly folder: string
  readonly catalogue: string
  readonly tracker: Tracker
  readonly seeder: Seeder
  readonly server: Playlink
  /** Another server on the same catalogue and swarm, with a cache of its own unless CACHE_DIR says other. */
  another(env?: Env): Promise<Playlink>
  writeCatalogue(titles: readonly CatalogueTitle[]): Promise<void>
  /** Closed with the stage, last first. */
  own(close: () => Promise<unknown>): void
  end(): Promise<void>
}

/** A swarm on loopback (tracker, libtorrent seeders), a catalogue of it, and a server on both. */
export async function openStage<Name extends string = never>(
  plan: StagePlan<Name>,
): Promise<Stage<Name>> {
  const folder = await mkdtemp(join(tmpdir(), 'playlink-e2e-'))
  const closers: (() => Promise<unknown>)[] = [() => rm(folder, { recursive: true, force: true })]
  const end = async (): Promise<void> => {
    leaveAll()
    const outcomes: unknown[] = []
    for (const close of closers.splice(0).reverse()) {
      await close().catch((error: unknown) => outcomes.push(error))
    }
    if (outcomes.length > 0) throw new AggregateError(outcomes, outcomes.map(String).join('\n'))
  }
  try {
    const swarm = await openSwarm(folder, plan, closers)
    const catalogue = join(folder, 'catalogue', 'titles.json')
    await mkdir(join(folder, 'catalogue'))
    const writeCatalogue = (titles: readonly CatalogueTitle[]): Promise<void> =>
      writeFile(catalogue, JSON.stringify({ version: 1, titles }, null, 1))
    await writeCatalogue(plan.titles?.(swarm, join(folder, 'catalogue')) ?? [])
    const another = async (env: Env = {}): Promise<Playlink> => {
      const home = await mkdtemp(join(folder, 'server-'))
      const variables = { CATALOGUE: catalogue, ...plan.env, ...env }
      const server = await startPlaylink(home, variables, plan.how)
      closers.push(() => server.stop())
      return server
    }
    const server = await another()
    const own = (close: () => Promise<unknown>): void => void closers.push(close)
    return { ...swarm, folder, catalogue, writeCatalogue, server, another, own, end }
  } catch (error) {
    await end().catch(() => {})
    throw error
  }
}

async function openSwarm<Name extends string>(
  folder: string,
  plan: StagePlan<Name>,
  closers: (() => Promise<unknown>)[],
): Promise<Links<Name> & { tracker: Tracker; seeder: Seeder }> {
  const tracker = await startTracker()
  closers.push(() => tracker.close())
  const torrents = {} as Record<Name, BuiltTorrent>
  const seeds: { torrent: string; folder: string }[] = []
  for (const [name, wanted] of Object.entries<TorrentPlan>(plan.torrents ?? {})) {
    const built = buildTorrent(wanted)
    torrents[name as Name] = built
    const home = join(folder, 'seeds', built.infoHash)
    await mkdir(home, { recursive: true })
    seeds.push({ torrent: await writeForSeeding(home, built), folder: home })
  }
  const seeder = await startSeeder(seeds, plan.seeders, plan.libtorrent)
  closers.push(() => seeder.close())
  for (const built of Object.values<BuiltTorrent>(torrents)) {
    tracker.peers(built.infoHash, seeder.peers)
  }
  const magnet = (name: Name): string => torrents[name].magnet({ trackers: [tracker.url] })
  return { torrents, trackerUrl: tracker.url, magnet, tracker, seeder }
}
