import { expect } from '@jest/globals'
import type { Film, World, WorldNode } from '../../../support/cluster/world.ts'
import { logLines } from '../../../support/server/playlink.ts'
import { eventually } from '../../../support/wait.ts'

/** One way to hurt a cluster. Leaves it whole and quiet. */
export interface Kind {
  readonly name: string
  /** Only of the long form: another one shows nearly the same. */
  readonly isLong?: boolean
  run(world: World): Promise<void>
}

/** Slow enough that a film of the world takes some seconds. */
export const SLOW = 700_000
/** Blocks of a small film that came twice, on a busy machine: less than half of it, where a second download is all. */
const SLACK = 0.5

/** Any of them. */
export function anyOf({ nodes, random }: World): WorldNode {
  return random.pick(nodes)
}

export const othersOf = ({ nodes }: World, one: WorldNode): [WorldNode, WorldNode] =>
  nodes.filter((each) => each !== one) as [WorldNode, WorldNode]

/** Who fetches the film, by its lease. */
export async function fetcherOf(world: World, film: Film): Promise<WorldNode> {
  const lease = `playlink:1:lease:torrent:${film.torrent.infoHash}`
  const owner = await eventually('a node fetches it', () => world.redis.client.hget(lease, 'owner'))
  const node = world.nodes.find(({ id }) => id === owner)
  if (!node) throw new Error(`fetched by nobody of us: ${owner}`)
  return node
}

/** The nodes that have all of it, by the index. */
export async function holdersOf(world: World, film: Film): Promise<WorldNode[]> {
  const found: WorldNode[] = []
  for (const node of world.nodes) if (await world.holds(node, film)) found.push(node)
  return found
}

/** It came from the swarm as often as that at most, and was published as often as that. */
export async function expectFetched(
  world: World,
  film: Film,
  times: number,
  publishes: number | 'any' = times,
): Promise<void> {
  const shares = (await world.uploaded(film)) / film.bytes.length
  if (shares > times + SLACK) throw new Error(`it came ${shares} times:\n${storyOf(world, film)}`)
  if (publishes !== 'any') expect(world.publishes(film)).toBe(publishes)
}

/** What the nodes say of who fetched it, and of Redis meanwhile. */
function storyOf({ nodes }: World, { key, torrent }: Film): string {
  const lines = nodes.flatMap(({ id, server }) =>
    logLines(server.log()).map(({ time, msg, ...about }) => ({ id, time, msg, about })),
  )
  const isAbout = (about: Record<string, unknown>, msg: unknown): boolean =>
    about.key === key || about.infoHash === torrent.infoHash || /Redis|a node has/.test(`${msg}`)
  return lines
    .filter(({ about, msg }) => isAbout(about, msg))
    .sort((a, b) => `${a.time}`.localeCompare(`${b.time}`))
    .slice(-60)
    .map(({ id, time, msg }) => `${time} ${id} ${msg}`)
    .join('\n')
}

/** Until one node at least has it whole. */
export const published = (world: World, film: Film): Promise<WorldNode> =>
  eventually('the film is published', async () => (await holdersOf(world, film))[0])
