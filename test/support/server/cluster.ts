import { freePort } from '../free-port.ts'
import type { Env, Playlink } from './playlink.ts'
import { startRedis, type TestRedis } from './redis.ts'
import { openStage, type Stage, type StagePlan } from './stage.ts'

export interface ClusterStage<Name extends string> extends Stage<Name> {
  readonly redis: TestRedis
  readonly nodes: readonly Playlink[]
  /** One more node. */
  join(env?: Env): Promise<Playlink>
}

const SECRET = 'only-of-tests-0123456789-abcdefghij'

/** Several nodes with one Redis, on one catalogue and swarm. */
export async function openClusterStage<Name extends string>(
  count: number,
  plan: StagePlan<Name>,
): Promise<ClusterStage<Name>> {
  const redis = await startRedis()
  const shared = { CACHE_BACKEND: 'redis', REDIS_URL: redis.url, CLUSTER_SECRET: SECRET }
  const place = async (): Promise<Env> => {
    const port = await freePort()
    return { PORT: `${port}`, NODE_URL: `http://127.0.0.1:${port}` }
  }
  try {
    const env = { ...shared, LOG_LEVEL: 'debug', ...(await place()), ...plan.env }
    const stage = await openStage({ ...plan, env })
    const join = async (more: Env = {}) => stage.another({ ...(await place()), ...more })
    const nodes = [stage.server]
    while (nodes.length < count) nodes.push(await join())
    const end = async (): Promise<void> => {
      await stage.end()
      await redis.end()
    }
    return { ...stage, redis, nodes, join, end }
  } catch (error) {
    await redis.end()
    throw error
  }
}
