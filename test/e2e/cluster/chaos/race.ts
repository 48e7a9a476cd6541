import { watchAll, watchSomehow } from '../../../support/cluster/viewers.ts'
import { expectFetched, type Kind, published } from './kind.ts'

const VIEWERS = 50

/** Cold: whole films, parts, ends, HEADs, jumps, and some who leave. */
const race: Kind = {
  name: '50 viewers race for one film at three nodes',
  async run(world) {
    const { nodes, random, stage } = world
    const film = await world.coldFilm()
    await stage.seeder.rate(4_000_000)
    const all = Array.from({ length: VIEWERS }, () =>
      watchSomehow(random, random.pick(nodes), film),
    )
    await Promise.all(all)
    await stage.seeder.rate(0)
    // Whatever they did: somebody watches it to its end.
    await watchAll(random.pick(nodes), film)
    await published(world, film)
    await world.quiet()
    await expectFetched(world, film, 1)
  },
}

export const races: readonly Kind[] = [race]
