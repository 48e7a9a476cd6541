import { join } from 'node:path'
import type { Child } from '../child.ts'
import { type LogLine, startPlaylinkServer } from '../playlink-server.ts'

export interface NodePlan {
  /** Of the demo. */
  readonly folder: string
  readonly catalogue: string
  readonly number: number
  readonly port: number
  /** How many nodes there are beside it. */
  readonly others: number
  /** Settings that all nodes share. */
  readonly shared: Readonly<Record<string, string>>
}

export interface DemoNode extends Child {
  /** `Node 1` */
  readonly name: string
  /** Of its own, past the balancer. */
  readonly url: string
  /** It serves, and has heard of all others; never when it ends before that. */
  readonly ready: Promise<void>
}

/** pino's number. */
const WARNING = 40
const TOLD: readonly unknown[] = ['a node has gone', 'Redis can be used again']

/**
 * One of several servers that share a cache; its folder is its own.
 * @param tell told in a line what it notices of Redis and the others
 */
export function startNode(plan: NodePlan, tell: (line: string) => void): DemoNode {
  const { folder, catalogue, number, port } = plan
  const name = `Node ${number}`
  const url = `http://127.0.0.1:${port}`
  const { promise: met, resolve: hasMet } = Promise.withResolvers<void>()
  let others = 0
  function onLog({ level, msg }: LogLine): void {
    if (msg === 'a node has come' && ++others === plan.others) hasMet()
    const warns = typeof level === 'number' && level >= WARNING
    if (warns || TOLD.includes(msg)) tell(`${name}: ${msg}`)
  }
  const server = startPlaylinkServer(
    { folder, catalogue, cacheDir: join(folder, `cache-${number}`), port },
    {
      CACHE_BACKEND: 'redis',
      NODE_URL: url,
      // As deploy/cluster/nginx.conf wants it.
      TRUST_PROXY: 'loopback',
      SENDFILE: 'nginx',
      ...plan.shared,
    },
    onLog,
  )
  const ready = Promise.all([server.port, met]).then(() => {})
  return { ...server, name, url, ready }
}
