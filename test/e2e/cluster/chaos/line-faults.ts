import type { Link } from '../../../support/cluster/link.ts'
import { watch, watchAll } from '../../../support/cluster/viewers.ts'
import type { World } from '../../../support/cluster/world.ts'
import { sleep } from '../../../support/wait.ts'
import { anyOf, expectFetched, fetcherOf, type Kind, othersOf, published, SLOW } from './kind.ts'

interface Fault {
  readonly name: string
  begin(link: Link, random: World['random']): unknown
  /** How often a film is fetched at most where another node fetches it, and where one has it whole. */
  readonly fetched: readonly [number, number]
}

/**
 * A router that forgets a connection, a line that was pulled, a firewall that has changed. Who is cut off from
 * all others, and lives, is not waited for: each of them fetches what it needs.
 */
const FAULTS: readonly Fault[] = [
  {
    name: 'cut again and again',
    fetched: [1, 1],
    async begin(link, random) {
      for (let cuts = 0; cuts < 4; cuts++) {
        link.cut()
        await sleep(200 + random.below(600))
      }
    },
  },
  { name: 'slow', fetched: [1, 1], begin: (link) => link.slow(600_000) },
  { name: 'half-open', fetched: [3, 3], begin: (link) => link.freeze() },
  { name: 'refused', fetched: [3, 3], begin: (link) => link.refuse() },
]

/** A line that was broken is believed to be so for five seconds more: the next round begins after them. */
const believedAgain = (fetched: number): Promise<unknown> => sleep(fetched > 1 ? 5_500 : 0)

/** Of two nodes that read from a third one; both get every byte while the line is as it is. */
async function whileFetching(world: World, { begin, fetched }: Fault): Promise<void> {
  const { random, stage } = world
  const film = await world.coldFilm()
  await stage.seeder.rate(SLOW)
  const first = await watch(anyOf(world), film)
  const fetcher = await fetcherOf(world, film)
  const elsewhere = await Promise.all(othersOf(world, fetcher).map((node) => watch(node, film)))
  await sleep(random.below(1500))
  try {
    await begin(fetcher.link, random)
    await stage.seeder.rate(0)
    await Promise.all([first, ...elsewhere].map((each) => each.end()))
  } finally {
    fetcher.link.mend()
  }
  await world.quiet()
  await expectFetched(world, film, fetched[0], 'any')
  await believedAgain(fetched[0])
}

async function whileCached(world: World, { begin, fetched }: Fault): Promise<void> {
  const { random } = world
  const film = await world.coldFilm()
  await watchAll(anyOf(world), film)
  const holder = await published(world, film)
  holder.link.slow(1_500_000)
  try {
    const watching = await Promise.all(othersOf(world, holder).map((node) => watch(node, film)))
    await sleep(random.below(1000))
    await begin(holder.link, random)
    await Promise.all(watching.map((each) => each.end()))
  } finally {
    holder.link.mend()
  }
  await world.quiet()
  await expectFetched(world, film, fetched[1], 'any')
  await believedAgain(fetched[1])
}

export const lineFaults: readonly Kind[] = FAULTS.flatMap((fault, i) => [
  {
    name: `the line to who fetches it: ${fault.name}`,
    isLong: i % 2 === 1,
    run: (world) => whileFetching(world, fault),
  },
  {
    name: `the line to who has it: ${fault.name}`,
    isLong: i % 2 === 0,
    run: (world) => whileCached(world, fault),
  },
])
