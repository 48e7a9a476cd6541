import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Ending } from '../ending.ts'
import { endsWith } from '../ends-with.ts'
import { freePort } from '../free-port.ts'
import { startBalancer } from './balancer.ts'
import { createMortals, type Mortals } from './mortals.ts'
import { type DemoNode, startNode } from './node.ts'
import type { ClusterPrograms } from './programs.ts'
import { type RedisServer, startRedisServer } from './redis-server.ts'

export interface ClusterPlan {
  /** Of the demo. */
  readonly folder: string
  readonly catalogue: string
  /** The balancer's; the nodes get those after it, where they are free. 0: any free ones. */
  readonly port: number
  readonly nodes: number
  readonly programs: ClusterPrograms
}

export interface Cluster {
  /** The balancer's. */
  readonly port: number
  readonly nodes: readonly DemoNode[]
  readonly redis: RedisServer
  /** Of all nodes: behind a proxy being on this machine proves nothing. */
  readonly adminToken: string
}

/**
 * Redis, the nodes, and nginx before them, all owned by the ending. Once all run, Redis and all nodes but
 * the last may die.
 * @param say told in a line what happens to them
 */
export async function startCluster(
  plan: ClusterPlan,
  ending: Ending,
  say: (line: string) => void,
): Promise<Cluster> {
  const { folder, programs } = plan
  const redisPort = await freePort()
  const redis = startRedisServer(programs.redis, folder, redisPort)
  ending.own(redis.stop)
  const mortals = createMortals(ending, say)
  mortals.add('Redis', redis, (how) =>
    mortals.tell(`Redis has ended: ${how}. Running plays go on, and each node fetches for itself.`),
  )
  await ending.unlessOver(redis.ready)

  const port = await freePort(plan.port)
  const adminToken = `demo-${randomBytes(8).toString('hex')}`
  const shared = {
    ADMIN_TOKEN: adminToken,
    REDIS_URL: `redis://127.0.0.1:${redisPort}`,
    CLUSTER_SECRET: randomBytes(32).toString('hex'),
    BALANCER_URL: `http://127.0.0.1:${port}`,
  }
  const nodePorts: number[] = []
  for (let n = 1; n <= plan.nodes; n++) nodePorts.push(await freePort(plan.port && port + n))
  const nodes = nodePorts.map((nodePort, i) =>
    startNode(
      { ...plan, number: i + 1, port: nodePort, others: plan.nodes - 1, shared },
      mortals.tell,
    ),
  )
  ending.own(() => Promise.all(nodes.map(({ stop }) => stop())))
  tellDeaths(nodes, mortals, ending)
  await ending.unlessOver(Promise.all(nodes.map(({ ready }) => ready)))

  const home = join(folder, 'nginx')
  endsWith('balancer', await startBalancer(programs.nginx, { home, port, nodePorts }), ending)
  while (!(await ending.unlessOver(answers(`http://127.0.0.1:${port}/health`)))) {
    await ending.unlessOver(sleep(50))
  }
  mortals.begin()
  return { port, nodes, redis, adminToken }
}

function tellDeaths(nodes: readonly DemoNode[], mortals: Mortals, ending: Ending): void {
  let left = nodes.length
  for (const { name, ...node } of nodes) {
    mortals.add(name, node, (how) => {
      mortals.tell(`${name} has ended: ${how}`)
      const sentence = 'No node is left, so the demo ends too.'
      if (--left === 0) ending.end({ exitCode: 1, sentence })
    })
  }
}

const answers = (url: string): Promise<boolean> =>
  fetch(url, { method: 'HEAD' }).then(
    ({ ok }) => ok,
    () => false,
  )
