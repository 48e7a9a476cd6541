import { watch, watchAll } from '../../../support/cluster/viewers.ts'
import type { World, WorldNode } from '../../../support/cluster/world.ts'
import { killGroup } from '../../../support/server/processes.ts'
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

/** Longer than a lease (15 s). */
const PAST_ITS_LEASE_MS = 17_000

async function startAgain(world: World, node: WorldNode): Promise<void> {
  await node.start()
  await world.whole()
  await world.quiet()
}

const fetcherKilled: Kind = {
  name: 'who fetches it is killed at a random moment',
  async run(world) {
    const { random, stage } = world
    const film = await world.coldFilm()
    await stage.seeder.rate(SLOW)
    const first = await watch(anyOf(world), film)
    const fetcher = await fetcherOf(world, film)
    const elsewhere = othersOf(world, fetcher).map((node) =>
      watch(node, film, random.below(2) * random.below(film.bytes.length >> 1)),
    )
    const watching = await Promise.all(elsewhere)
    await sleep(random.below(2500))
    first.leave()
    await fetcher.kill()
    const wasted = (await world.uploaded(film)) / film.bytes.length
    await stage.seeder.rate(0)
    await Promise.all(watching.map((each) => each.end()))
    await startAgain(world, fetcher)
    // One of the others does it, not each of them.
    await expectFetched(world, film, wasted + 1, 'any')
  },
}

const holderKilled: Kind = {
  name: 'one of two that have it whole is killed: the other one goes on',
  async run(world) {
    const { redis, random, stage } = world
    const film = await world.coldFilm()
    const reader = anyOf(world)
    const holders = othersOf(world, reader)
    // Without Redis each fetches a copy of its own.
    await redis.kill()
    await Promise.all(holders.map((node) => watchAll(node, film)))
    await redis.restart()
    await eventually('two have it', async () => (await holdersOf(world, film)).length === 2)
    await world.whole()
    await stage.seeder.pause()
    try {
      for (const { link } of holders) link.slow(800_000)
      const before = holders.map(({ link }) => link.sent)
      const watching = await watch(reader, film)
      await sleep(random.below(2000))
      const [one, other] = holders.map(({ link }, i) => link.sent - (before[i] ?? 0))
      const giver = (one ?? 0) > (other ?? 0) ? holders[0] : holders[1]
      await giver.kill()
      for (const { link } of holders) link.mend()
      await watching.end()
      await startAgain(world, giver)
    } finally {
      for (const { link } of holders) link.mend()
      await stage.seeder.resume()
    }
  },
}

const fetcherPaused: Kind = {
  name: 'who fetches it is paused past its lease',
  async run(world) {
    const { random, stage } = world
    const film = await world.coldFilm()
    await stage.seeder.rate(SLOW)
    const first = await watch(anyOf(world), film)
    const fetcher = await fetcherOf(world, film)
    const own = await watch(fetcher, film)
    const elsewhere = await Promise.all(othersOf(world, fetcher).map((node) => watch(node, film)))
    await sleep(random.below(3000))
    first.leave()
    killGroup(fetcher.server.pid, 'SIGSTOP')
    try {
      await stage.seeder.rate(0)
      await sleep(PAST_ITS_LEASE_MS)
      await Promise.all(elsewhere.map((each) => each.end()))
    } finally {
      killGroup(fetcher.server.pid, 'SIGCONT')
    }
    await own.end()
    await world.whole()
    await published(world, film)
    await world.quiet()
    // It had no lease any more, and has left it to the other.
    await expectFetched(world, film, 2, 1)
  },
}

export const deaths: readonly Kind[] = [fetcherKilled, holderKilled, fetcherPaused]
