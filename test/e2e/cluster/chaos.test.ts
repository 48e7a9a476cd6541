import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { seededRandom } from '../../common/seeded-random.ts'
import { openWorld, type World } from '../../support/cluster/world.ts'
import { sleep } from '../../support/wait.ts'
import { deaths } from './chaos/deaths.ts'
import { indexFaults } from './chaos/index-faults.ts'
import type { Kind } from './chaos/kind.ts'
import { lineFaults } from './chaos/line-faults.ts'
import { races } from './chaos/race.ts'
import { rollings } from './chaos/rolling.ts'

const KINDS: readonly Kind[] = [...races, ...deaths, ...indexFaults, ...lineFaults, ...rollings]
/** `npm run test:chaos` sets it to 200: so many of them, chosen at random. Else each once. */
const ROUNDS = Number(process.env.CHAOS ?? 0)

/** Longer than a node is left out that could not be reached: one round's fault is not to be the next one's. */
const PAST_LEFT_OUT_MS = 5_500

function chosen(): readonly (readonly [round: number, kind: Kind])[] {
  const random = seededRandom()
  process.env.PLAYLINK_SEED = `${random.seed}`
  if (ROUNDS === 0) return KINDS.filter(({ isLong }) => !isLong).map((kind, i) => [i + 1, kind])
  const [first = KINDS[0] as Kind, ...rest] = KINDS
  return Array.from({ length: ROUNDS }, (_, i) => [i + 1, random.pick([first, ...rest])])
}

/** For who looks for the reason: CHAOS_LOGS names a folder. */
async function keepLogs({ nodes }: World): Promise<void> {
  const folder = process.env.CHAOS_LOGS
  if (folder === undefined) return
  for (const [i, { server }] of nodes.entries()) {
    await writeFile(join(folder, `node-${i}.log`), server.log())
  }
}

/** One round that failed leaves the next ones whole nodes. */
async function mended({ nodes, redis, stage }: World): Promise<void> {
  for (const node of nodes) {
    node.link.mend()
    if (node.down) await node.start()
  }
  await stage.seeder.resume()
  await stage.seeder.rate(0)
  if (!(await redis.client.ping().catch(() => undefined))) await redis.restart()
}

describe('three nodes, hurt in every way: no wrong byte, nobody lost, fetched once', () => {
  let world: World
  const rounds = chosen()
  beforeAll(async () => {
    world = await openWorld()
    process.stdout.write(`chaos: PLAYLINK_SEED=${world.random.seed}\n`)
  })
  afterAll(() => world?.end())

  test.each(rounds.map(([round, kind]) => [round, kind.name, kind] as const))(
    '%d: %s',
    async (_round, _name, kind) => {
      try {
        await kind.run(world)
      } catch (error) {
        await keepLogs(world)
        await mended(world)
        throw error
      }
      // Who was out of reach for long is taken for cut off until then, and its film fetched beside it (cluster/lines.ts).
      await sleep(PAST_LEFT_OUT_MS)
      for (const { server } of world.nodes) {
        expect(server.log()).not.toMatch(/unhandled|"level":60/i)
      }
    },
    400_000,
  )
})
