import { join } from 'node:path'
import { type SeededRandom, seededRandom } from '../../common/seeded-random.ts'
import { cacheStats } from '../facts.ts'
import { freePort } from '../free-port.ts'
import { type Env, logLines, type Playlink } from '../server/playlink.ts'
import { startRedis, type TestRedis } from '../server/redis.ts'
import { ask } from '../server/request.ts'
import { openStage, type Stage } from '../server/stage.ts'
import { KiB, MiB } from '../swarm/payload.ts'
import type { BuiltTorrent } from '../swarm/torrent.ts'
import { movie } from '../titles.ts'
import { eventually } from '../wait.ts'
import { type Link, startLink } from './link.ts'

const FILMS = ['one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight'] as const
type Name = (typeof FILMS)[number]
const NODES = 3
const FILM_BYTES = 4 * MiB
export const SECRET = 'only-of-tests-0123456789-abcdefghij'

export interface Film {
  readonly id: string
  readonly torrent: BuiltTorrent
  /** `<info hash>/0` */
  readonly key: string
  readonly bytes: Buffer
}

/** One node of the world, in all its lives. */
export interface WorldNode {
  /** Its id in the index. */
  readonly id: string
  /** The way that the other nodes take to it. */
  readonly link: Link
  readonly server: Playlink
  readonly base: string
  /** It is being stopped, or not there yet. */
  readonly down: boolean
  /** How often it has been started. */
  readonly lives: number
  /** SIGKILL of the whole group. */
  kill(): Promise<void>
  /** SIGTERM, and the wait. */
  stop(): Promise<void>
  /** In the same place, with the same cache folder. */
  start(): Promise<void>
}

/** Three nodes with one Redis and one swarm, and the ways between them. */
export interface World {
  readonly random: SeededRandom
  readonly stage: Stage<Name>
  readonly redis: Pick<TestRedis, 'client' | 'url' | 'kill' | 'restart' | 'signal'>
  readonly nodes: readonly [WorldNode, WorldNode, WorldNode]
  /** All of them, whatever nodes have of each. */
  readonly films: readonly Film[]
  /** One that no node has anything of. */
  coldFilm(): Promise<Film>
  /** Bytes that the swarm has given of a film since it was cold. */
  uploaded(film: Film): Promise<number>
  /** How often nodes have published it since it was cold. */
  publishes(film: Film): number
  /** Whether that node has all of it, by the index. */
  holds(node: WorldNode, film: Film): Promise<boolean>
  /** All nodes are there and know each other. */
  whole(): Promise<void>
  /** Nothing plays, and nothing is fetched any more. */
  quiet(): Promise<void>
  end(): Promise<void>
}

export interface WorldPlan {
  readonly env?: Env
  /** Another Redis than one of its own: where the nodes find it, and how to look into it. */
  readonly redis?: World['redis']
  /** Nodes reach each other without the links between them, which cost time. */
  readonly direct?: boolean
  /** How many there are, 8 unless given, and of how many bytes each, 4 MiB unless given. */
  readonly films?: number
  readonly filmBytes?: number
}

export async function openWorld(plan: WorldPlan = {}): Promise<World> {
  const random = seededRandom()
  const own = plan.redis ? undefined : await startRedis()
  const redis = plan.redis ?? own
  if (!redis) throw new Error('no Redis')
  const ends: (() => Promise<unknown>)[] = own ? [() => own.end()] : []
  const end = async (): Promise<void> => {
    for (const each of ends.splice(0).reverse()) await each()
  }
  try {
    const ports: number[] = []
    while (ports.length < NODES) ports.push(await freePort())
    const links = await Promise.all(ports.map(startLink))
    ends.push(() => Promise.all(links.map((link) => link.end())))
    const placeOf = (i: number): Env => ({
      PORT: `${ports[i]}`,
      NODE_URL: `http://127.0.0.1:${plan.direct ? ports[i] : links[i]?.port}`,
    })
    const env = {
      ...{ CACHE_BACKEND: 'redis', REDIS_URL: redis.url },
      // Copies of what many watch would count as fetched twice: they have a test of their own.
      ...{ CLUSTER_SECRET: SECRET, LOG_LEVEL: 'debug', SPREAD_AFTER: '0' },
      ...{ ...placeOf(0), ...plan.env },
    }
    const names = FILMS.slice(0, plan.films)
    const stage = await openFilms(names, env, plan.filmBytes)
    ends.push(() => stage.end())
    const nodes: WorldNode[] = []
    for (const [i, link] of links.entries()) {
      const home = join(stage.folder, `node-${i}`)
      const env = { ...placeOf(i), CACHE_DIR: home }
      // The stage's own first server has another folder; it makes room for the one that is started anew.
      if (i === 0) await stage.server.stop()
      nodes.push(await openNode(link, () => stage.another(env)))
    }
    const world = worldOf({ random, stage, redis, end }, names, nodes as unknown as World['nodes'])
    await world.whole()
    return world
  } catch (error) {
    await end().catch(() => {})
    throw error
  }
}

const idOf = (name: Name): string => `tt91301${10 + FILMS.indexOf(name)}`

function openFilms(names: readonly Name[], env: Env, size = FILM_BYTES): Promise<Stage<Name>> {
  const torrents = Object.fromEntries(
    names.map((name, i) => [
      name,
      { name: `${name}.mkv`, size: size + i * 1001, pieceLength: 64 * KiB },
    ]),
  ) as Record<Name, { name: string; size: number; pieceLength: number }>
  return openStage<Name>({
    ...{ env, torrents },
    titles: ({ magnet }) => names.map((name) => movie(idOf(name), name, { magnet: magnet(name) })),
  })
}

async function openNode(link: Link, launch: () => Promise<Playlink>): Promise<WorldNode> {
  let server = await launch()
  let down = false
  let lives = 1
  const { node: id } = await cacheStats(server.base)
  const ended = async (work: Promise<unknown>): Promise<void> => {
    down = true
    await work
  }
  return {
    ...{ id, link },
    get server() {
      return server
    },
    get base() {
      return server.base
    },
    get down() {
      return down
    },
    get lives() {
      return lives
    },
    kill: () => ended(server.kill()),
    stop: () => ended(server.stop()),
    async start() {
      server = await launch()
      lives++
      down = false
    },
  }
}

type Shared = Pick<World, 'random' | 'stage' | 'redis' | 'end'>

function worldOf(shared: Shared, names: readonly Name[], nodes: World['nodes']): World {
  const { stage } = shared
  const before = new Map<string, { uploaded: number; publishes: number }>()
  /** Of the lives that have ended. */
  const earlier = new Map<Playlink, string>()
  let next = 0
  const films = names.map((name): Film => {
    const torrent = stage.torrents[name]
    return { id: idOf(name), torrent, key: `${torrent.infoHash}/0`, bytes: torrent.content }
  })

  function publishesOf({ key }: Film): number {
    for (const { server } of nodes) earlier.set(server, server.log())
    const lines = [...earlier.keys()].flatMap((server) => logLines(server.log()))
    return lines.filter((line) => line.msg === 'published' && line.key === key).length
  }

  return {
    ...shared,
    nodes,
    films,
    async coldFilm() {
      const film = films[next++ % films.length] as Film
      const { torrent, key } = film
      for (const { base } of nodes) await forget(base, key)
      const uploaded = await stage.seeder.uploaded(torrent.infoHash)
      before.set(key, { uploaded, publishes: publishesOf(film) })
      return film
    },
    uploaded: async (film) =>
      (await stage.seeder.uploaded(film.torrent.infoHash)) - (before.get(film.key)?.uploaded ?? 0),
    publishes: (film) => publishesOf(film) - (before.get(film.key)?.publishes ?? 0),
    async holds({ id }, { key }) {
      const entry = await shared.redis.client.hget(`playlink:1:{index}:entries:${id}`, key)
      return entry !== null && /"complete":true/.test(entry)
    },
    whole: () => knowEachOther(nodes),
    quiet: () => allQuiet(nodes),
    ...{ end: shared.end },
  }
}

/** Until the file has gone from there: one that is still pinned is kept at first. */
async function forget(base: string, key: string): Promise<void> {
  await eventually('the film is removed', async () => {
    const { status, body } = await ask(`${base}/api/cache-config`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ remove: [key] }),
    })
    return status === 200 && !/"keptInUse":[1-9]/.test(body.toString())
  })
}

async function allQuiet(nodes: readonly WorldNode[]): Promise<void> {
  let last = ''
  await eventually(
    'nothing plays and nothing is fetched',
    async () => {
      const stats = await Promise.all(nodes.map(({ base }) => cacheStats(base)))
      last = JSON.stringify(stats.map(({ plays, arrivals }) => [plays.active, arrivals.running]))
      return stats.every(({ plays, arrivals }) => plays.active + arrivals.running === 0)
    },
    60_000,
    () => last,
  )
}

/** By what each of them says: another one has come, and has not gone since. */
async function knowEachOther(nodes: readonly WorldNode[]): Promise<void> {
  const known = ({ server }: WorldNode): Set<unknown> => {
    const there = new Set<unknown>()
    for (const { msg, node } of logLines(server.log())) {
      if (msg === 'a node has come') there.add(node)
      if (msg === 'a node has gone') there.delete(node)
    }
    return there
  }
  await eventually('the nodes know each other', () =>
    nodes.every((one) => nodes.every((other) => one === other || known(one).has(other.id))),
  )
}
