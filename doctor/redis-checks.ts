import { inspectRedis } from '../cache/backends/redis/inspect-redis.ts'
import { type NodeFacts, readNodeFacts } from '../cluster/nodes.ts'
import { MOST_SKEW_MS } from '../cluster/signature.ts'
import type { Clock } from '../common/clock.ts'
import { readableSize } from '../common/readable-size.ts'
import type { Config } from '../config/config.ts'
import { askOwn } from './ask-own.ts'
import { type Finding, fault, ok, type Verdict, warning } from './finding.ts'
import { adviceFor, causeOf } from './why-unreachable.ts'

/** docs/backends/redis.md. */
const LEAST_VERSION = 6
/** What a Redis takes of memory for each byte of ours. */
const OVERHEAD = 2
/** `Date` has whole seconds. */
const WORTH_TELLING_MS = 5000

export async function checkRedis(
  { cache: { redis, maxMetaBytes } }: Pick<Config, 'cache'>,
  signal: AbortSignal,
): Promise<Verdict> {
  const places = redis.nodes.map(({ host, port }) => `${host}:${port}`).join(', ')
  let facts: Awaited<ReturnType<typeof inspectRedis>>
  try {
    facts = await inspectRedis(redis, signal)
  } catch (error) {
    const said = `${places} cannot be used: ${causeOf(error).message}`
    return fault(said, 'Start it, or mend REDIS_URL (docs/backends/redis.md).')
  }
  const { version, policy, maxMemory, isReplica } = facts
  const here = `${places} answers, version ${version || 'unknown'}, maxmemory-policy ${policy || 'unknown'}`
  if (Number.parseInt(version, 10) < LEAST_VERSION) {
    return fault(here, `Use Redis ${LEAST_VERSION} or later, or Valkey.`)
  }
  if (isReplica && redis.kind === 'one') {
    return fault(
      `${here}, but is a replica, which takes no writes`,
      'Name the master in REDIS_URL.',
    )
  }
  if (policy.startsWith('allkeys-')) {
    const todo = 'Set maxmemory-policy to noeviction there: what it removes is written again.'
    return warning(`${here}: it removes what is needed when it is full`, todo)
  }
  if (maxMemory > 0 && maxMemory < OVERHEAD * maxMetaBytes) {
    const least = readableSize(OVERHEAD * maxMetaBytes)
    const said = `${here}, maxmemory ${readableSize(maxMemory)}: less than what CACHE_META_MB takes`
    return warning(said, `Give it ${least} or more, or lower CACHE_META_MB.`)
  }
  return ok(here)
}

/** The nodes that Redis names, each asked for its time: what one signs is old to another whose clock differs. */
export async function checkNodes(
  { cache, cluster }: Pick<Config, 'cache' | 'cluster'>,
  clock: Pick<Clock, 'wall'>,
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  const { nodes } = await inspectRedis(cache.redis, signal)
  const known = nodes.flatMap(({ node, about }) => {
    const facts = readNodeFacts(about)
    return facts ? [{ node, facts }] : []
  })
  const others = known.filter(({ facts }) => facts.url !== cluster?.url)
  if (others.length === 0) return [{ name: 'nodes', ...ok('no other one is there now') }]
  return Promise.all(
    others.map(async ({ node, facts }) => ({
      name: `node ${node}`,
      ...(await checkNode(facts, clock, signal)),
    })),
  )
}

async function checkNode(
  { url }: NodeFacts,
  clock: Pick<Clock, 'wall'>,
  signal: AbortSignal,
): Promise<Verdict> {
  const before = clock.wall()
  try {
    const { headers } = await askOwn(`${url}/health`, signal, { method: 'HEAD' })
    const asked = (before + clock.wall()) / 2
    const skew = Date.parse(headers.date ?? '') - asked
    return clockVerdict(url, skew)
  } catch (error) {
    const said = `${url} cannot be reached from here: ${causeOf(error).message}`
    return fault(said, adviceFor(error, 'NODE_URL of that node'))
  }
}

function clockVerdict(url: string, skewMs: number): Verdict {
  if (Number.isNaN(skewMs)) {
    return warning(`${url} answers without its time`, 'Let what stands before it hand on "Date".')
  }
  const seconds = Math.round(Math.abs(skewMs) / 1000)
  const said = `${url} answers, its clock is ${seconds} s ${skewMs < 0 ? 'behind' : 'before'} this one's`
  const todo =
    'Let all nodes set their clocks by NTP (timedatectl, chrony): 30 seconds apart they refuse each other.'
  if (Math.abs(skewMs) > MOST_SKEW_MS) return fault(said, todo)
  if (Math.abs(skewMs) > WORTH_TELLING_MS) return warning(said, todo)
  return ok(`${url} answers, its clock is as this one's`)
}
