import { watch, watchAll } from '../../../support/cluster/viewers.ts'
import type { Film, World, WorldNode } from '../../../support/cluster/world.ts'
import { sleep } from '../../../support/wait.ts'
import { anyOf, type Kind, published } from './kind.ts'

const VIEWERS_EACH = 2

/** As a player does it: who was cut asks again from where it was, while its own node is away. */
async function watchAcross(node: WorldNode, film: Film, from: number): Promise<void> {
  for (;;) {
    const life = node.lives
    const wasDown = node.down
    try {
      const watching = await watch(node, film, from)
      return await watching.end()
    } catch (error) {
      // Only the node that it is connected to may fail it, by being stopped.
      const wasStopped = wasDown || node.down || node.lives !== life
      if (!wasStopped || /wrong byte/.test(String(error))) throw error
      await sleep(100)
    }
  }
}

const rolling: Kind = {
  name: 'all three are stopped and started one after the other, under load',
  async run(world: World) {
    const { nodes, random, stage } = world
    const cached = await world.coldFilm()
    await watchAll(anyOf(world), cached)
    await published(world, cached)
    const cold = await world.coldFilm()
    await stage.seeder.rate(1_500_000)
    let over = false
    const viewer = async (node: WorldNode): Promise<void> => {
      while (!over) {
        const film = random.pick([cached, cold])
        await watchAcross(node, film, random.below(2) * random.below(film.bytes.length))
        await sleep(random.below(300))
      }
    }
    const viewers = nodes.flatMap((node) =>
      Array.from({ length: VIEWERS_EACH }, () => viewer(node)),
    )
    const load = Promise.all(viewers)
    load.catch(() => {}) // heard below
    const order = [...nodes].sort(() => random.below(3) - 1)
    for (const node of order) {
      await sleep(random.below(1000))
      await node.stop()
      await node.start()
      await Promise.race([world.whole(), load])
    }
    over = true
    await stage.seeder.rate(0)
    await load
    await world.quiet()
  },
}

export const rollings: readonly Kind[] = [rolling]
