import { Cluster, Redis } from 'ioredis'
import type { RedisPlace } from '../../../config/redis-place.ts'
import { cutAt, ReplyGuard } from './reply-guard.ts'

/**
 * A connection that restores itself; until then every command fails at once. This is the only file that
 * knows ioredis.
 */
export interface RedisClient {
  /** @returns the reply in the types of RESP2. @throws Error, named ReplyError when Redis answered it */
  send(command: string, args: readonly (string | number)[]): Promise<unknown>
  /** Why there is no connection, when that is known. */
  readonly lastError: string | undefined
  /** Connects again; a cluster or sentinels are asked again for the right server. */
  reconnect(): void
  close(): void
}

const CONNECT_TIMEOUT_MS = 500
/**
 * For commands that ioredis sends by itself (INFO, CLUSTER SLOTS, SENTINEL). Our own calls have a shorter
 * limit, which unlike this one does not count a busy moment of this process (with-timeout.ts).
 */
const COMMAND_TIMEOUT_MS = 1000
/** How long ioredis waits for a socket to close; its timer runs even when there is no socket. */
const DISCONNECT_TIMEOUT_MS = 200
const SLOTS_REFRESH_MS = 1000

/** How a node of a Redis Cluster answers when a key is not its own. */
const MOVED = /\b(?:MOVED|CROSSSLOT) /
/** Between two tries of a connection that is to another database than is meant. */
const ASTRAY_MS = 5000
const ONE_OF_MANY = 'a node of a Redis Cluster: write redis+cluster:// in REDIS_URL'

/** Milliseconds until the next try. */
const backOff = (times: number): number => Math.min(times * 100, 1000)

/**
 * By default ioredis queues commands and sends them again, for 12 s when Redis is down. Here it must not:
 * callers go on without Redis, and a write that they gave up must not arrive later.
 */
function connectionOptions(place: RedisPlace, commandTimeout: number) {
  const { username, password, tls } = place
  return {
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
    ...(tls ? { tls: {} } : {}),
    protocol: 2 as const,
    connectTimeout: CONNECT_TIMEOUT_MS,
    disconnectTimeout: DISCONNECT_TIMEOUT_MS,
    commandTimeout,
    maxRetriesPerRequest: 1,
    autoResendUnfulfilledCommands: false,
    connectionName: 'playlink',
    disableClientInfo: true,
    // A master that became a replica keeps its connections: connect to the new master.
    reconnectOnError: (error: Error) => error.message.startsWith('READONLY'),
  }
}

/**
 * Asks who has which slots again and again, as ioredis does by itself (`slotsRefreshInterval`): closed
 * while it asks, that one would go on to ask for ever.
 */
class WatchedCluster extends Cluster {
  readonly #slots = setInterval(() => {
    // While it connects it asks by itself, and what it then hears decides whether it goes on.
    if (this.status === 'ready') this.refreshSlotsCache()
  }, SLOTS_REFRESH_MS)

  override disconnect(reconnect = false): void {
    if (!reconnect) clearInterval(this.#slots)
    super.disconnect(reconnect)
  }
}

function connectCluster(place: RedisPlace, commandTimeout: number): Cluster {
  return new WatchedCluster([...place.nodes], {
    redisOptions: connectionOptions(place, commandTimeout),
    enableOfflineQueue: false,
    clusterRetryStrategy: backOff,
    // Without this, a node that restarts with the same slots is never connected again.
    clusterNodeRetryStrategy: backOff,
    slotsRefreshTimeout: COMMAND_TIMEOUT_MS,
    slotsRefreshInterval: 0,
    // ioredis connects to a node at the first command for it and refuses further ones until that is
    // done. They are tried again, for 160 ms in all; the loss of a node costs a call as much.
    maxRedirections: 8,
    retryDelayOnFailover: 20,
    retryDelayOnTryAgain: 20,
    retryDelayOnClusterDown: 0,
  })
}

function connectSentinel(place: RedisPlace, commandTimeout: number): Redis {
  const { db, master, tls, sentinelUsername, sentinelPassword } = place
  return new Redis({
    ...connectionOptions(place, commandTimeout),
    enableOfflineQueue: false,
    db,
    name: master ?? '',
    sentinels: [...place.nodes],
    ...(sentinelUsername === undefined ? {} : { sentinelUsername }),
    ...(sentinelPassword === undefined ? {} : { sentinelPassword }),
    ...(tls ? { enableTLSForSentinelMode: true, sentinelTLS: {} } : {}),
    sentinelCommandTimeout: COMMAND_TIMEOUT_MS,
    sentinelRetryStrategy: backOff,
    retryStrategy: backOff,
  })
}

function connectOne(place: RedisPlace, commandTimeout: number): Redis {
  const [{ host, port } = { host: '127.0.0.1', port: 6379 }] = place.nodes
  return new Redis({
    ...connectionOptions(place, commandTimeout),
    enableOfflineQueue: false,
    host,
    port,
    db: place.db,
    retryStrategy: backOff,
  })
}

function connect(place: RedisPlace, commandTimeout: number): Redis | Cluster {
  if (place.kind === 'cluster') {
    const cluster = connectCluster(place, commandTimeout)
    cluster.on('+node', guardReplies)
    return cluster
  }
  const redis =
    place.kind === 'sentinel'
      ? connectSentinel(place, commandTimeout)
      : connectOne(place, commandTimeout)
  guardReplies(redis)
  return redis
}

/** Cuts every connection of that client whose answers are more than ours can be, before ioredis reads them. */
function guardReplies(redis: Redis): void {
  redis.on('connect', () => {
    const { stream } = redis
    const guard = new ReplyGuard()
    let isCut = false
    stream.prependListener('data', (chunk: Buffer) => {
      const at = isCut ? 0 : guard.next(chunk, redis.commandQueue.length)
      if (at === undefined) return
      isCut = true
      // ioredis is given this chunk too.
      cutAt(chunk, at)
      stream.destroy(new Error('it answers more than was asked for'))
    })
  })
}

/**
 * A connection for a library that sends its own commands (rate-limiter-flexible). Restores itself, and
 * fails every command within `commandTimeout` milliseconds.
 */
export function connectForLibrary(place: RedisPlace, commandTimeout: number): Redis | Cluster {
  const redis = connect(place, commandTimeout)
  // Without a listener ioredis prints every failure to the console.
  redis.on('error', () => {})
  return redis
}

/**
 * Connects and tries again until it is closed. Never throws because Redis cannot be reached.
 * @param callMs so long calls of ours wait; the limit of ioredis does not come before it
 */
export function connectRedis(place: RedisPlace, callMs = 0): RedisClient {
  const redis = connect(place, Math.max(COMMAND_TIMEOUT_MS, callMs))
  const hosts = place.nodes.map(({ host, port }) => `${host}:${port}`).join(', ')
  let lastError: string | undefined
  /** Why this connection is to another place than REDIS_URL means: nothing is to be sent there. */
  let astray: string | undefined
  /** When it was last connected anew for that. */
  let againAt = 0
  // Without a listener ioredis prints every failure to the console.
  redis.on('error', (error: Error & { command?: { name?: string } }) => {
    lastError = error.message
    // ioredis goes on with database 0.
    if (error.command?.name === 'select') astray = `database ${place.db}: ${error.message}`
  })
  redis.on('connect', () => {
    // A node of a cluster stays one.
    if (astray !== ONE_OF_MANY) astray = undefined
  })
  const refuse = (why: string): never => {
    // The user's rules may be mended while this connection stands.
    if (why !== ONE_OF_MANY && performance.now() - againAt > ASTRAY_MS) {
      againAt = performance.now()
      redis.disconnect(true)
    }
    throw new Error(why)
  }
  redis.on('close', () => {
    lastError ??= 'the connection was lost'
  })
  redis.on('ready', () => {
    lastError = undefined
  })
  let closed = false

  return {
    async send(command, args) {
      if (astray !== undefined) refuse(astray)
      try {
        return await redis.call(command, ...args.map(String))
      } catch (error) {
        // Some keys are elsewhere: those that are here would put it into use again and again.
        if (place.kind === 'cluster' || !MOVED.test(String(error))) throw error
        astray = ONE_OF_MANY
        throw new Error(astray)
      }
    },
    get lastError() {
      // What ioredis says of a command that it cannot send yet names its own settings.
      if (redis.status === 'connecting') return lastError ?? `no connection to ${hosts} yet`
      if (redis.status === 'connect') return lastError ?? `${hosts} is not ready yet`
      return lastError
    },
    reconnect() {
      if (!closed) redis.disconnect(true)
    },
    close() {
      closed = true
      redis.disconnect()
    },
  }
}
