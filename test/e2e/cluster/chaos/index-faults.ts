import { expect } from '@jest/globals'
import { watch, watchAll } from '../../../support/cluster/viewers.ts'
import type { World } from '../../../support/cluster/world.ts'
import { cacheStats } from '../../../support/facts.ts'
import { eventually, sleep } from '../../../support/wait.ts'
import {
  anyOf,
  expectFetched,
  fetcherOf,
  holdersOf,
  type Kind,
  othersOf,
  published,
  SLOW,
} from './kind.ts'

interface Fault {
  readonly name: string
  begin(world: World): unknown
  end(world: World): unknown
}

const FAULTS: readonly Fault[] = [
  {
    name: 'killed, and there again empty',
    begin: ({ redis }) => redis.kill(),
    end: ({ redis }) => redis.restart(),
  },
  {
    name: 'frozen',
    begin: ({ redis }) => redis.signal('SIGSTOP'),
    end: ({ redis }) => redis.signal('SIGCONT'),
  },
  { name: 'emptied', begin: ({ redis }) => redis.client.flushall(), end: () => {} },
]

/** The index knows of every film that a node has on disk, and of no other. */
async function healed(world: World): Promise<void> {
  await world.whole()
  let last = ''
  await eventually(
    'the index knows what the nodes hold',
    async () => {
      const all: [string, number, number][] = []
      for (const { base, id } of world.nodes) {
        const { status, files } = await cacheStats(base)
        const known = await world.redis.client
          .hlen(`playlink:1:{index}:entries:${id}`)
          .catch(() => 0)
        all.push([status, files.count, Math.max(0, known - 1)])
      }
      last = JSON.stringify(all)
      return all.every(([status, held, known]) => status === 'ok' && held === known)
    },
    60_000,
    () => last,
  )
}

/** Running plays go on, here and from node to node; others begin. */
export async function playsThrough(
  world: World,
  { begin, end }: Omit<Fault, 'name'>,
): Promise<void> {
  const { random, stage } = world
  const cached = await world.coldFilm()
  await watchAll(anyOf(world), cached)
  await published(world, cached)
  const film = await world.coldFilm()
  await stage.seeder.rate(SLOW)
  const first = await watch(anyOf(world), film)
  const fetcher = await fetcherOf(world, film)
  const running = await Promise.all(othersOf(world, fetcher).map((node) => watch(node, film)))
  await sleep(random.below(1500))
  await begin(world)
  try {
    await sleep(random.below(1500))
    await watchAll(fetcher, film, random.below(film.bytes.length))
    await stage.seeder.rate(0)
    await Promise.all([first, ...running].map((each) => each.end()))
    // What a node has it plays; what it has not it fetches for itself.
    await watchAll(anyOf(world), cached)
  } finally {
    await end(world)
  }
  await healed(world)
  await published(world, film)
  await Promise.all(world.nodes.map((node) => watchAll(node, film)))
  await world.quiet()
  // Those who came while Redis was away have copies of their own; of the running plays none was fetched again.
  expect((await holdersOf(world, film)).map(({ id }) => id)).toEqual([fetcher.id])
  await expectFetched(world, film, 1)
}

export const indexFaults: readonly Kind[] = FAULTS.map((fault) => ({
  name: `Redis ${fault.name}`,
  run: (world) => playsThrough(world, fault),
}))
