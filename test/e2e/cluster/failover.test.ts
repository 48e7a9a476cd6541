import { afterAll, beforeAll, test } from '@jest/globals'
import { openWorld, type World } from '../../support/cluster/world.ts'
import { startSentinels, type TestRedis, type TestRedises } from '../../support/server/redis.ts'
import { playsThrough } from './chaos/index-faults.ts'

let redises: TestRedises
let world: World
/** Whom the sentinels have made the master. */
let master: TestRedis

beforeAll(async () => {
  redises = await startSentinels()
  master = redises.servers[0] as TestRedis
  const redis = {
    url: redises.url,
    get client() {
      return master.client
    },
    kill: () => master.kill(),
    restart: () => master.restart(),
    signal: (name: NodeJS.Signals) => master.signal(name),
  }
  world = await openWorld({ redis, films: 2 })
  process.stdout.write(`failover: PLAYLINK_SEED=${world.random.seed}\n`)
})
afterAll(async () => {
  await world?.end()
  await redises?.end()
})

test(
  'three nodes whose Redis is failed over by Sentinel: running plays go on, others begin, nothing twice',
  () =>
    playsThrough(world, {
      begin: () => master.kill(),
      end: () => {
        master = redises.servers[1] as TestRedis
      },
    }),
  180_000,
)
