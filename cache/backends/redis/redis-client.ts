import { Cluster, Redis } from 'ioredis'
import type { RedisPlace } from '../../../config/redis-place.ts'

/** The only file that knows ioredis: a connection that mends itself, and says no at once until it has. */
export interface RedisClient {
  /** The reply as RESP2 has it. @throws Error, a reply error is named ReplyError */
  send(command: string, args: readonly (string | number)[]): Promise<unknown>
  /** Why there is no connection, as far as it is known. */
  readonly trouble: string | undefined
  /** Gives the connection up for a new one; for a cluster or sentinels that means asking them anew. */
  reconnect(): void
  close(): void
}

const CONNECT_TIMEOUT_MS = 500
/**
 * For what ioredis asks by itself (INFO, CLUSTER SLOTS, SENTINEL). Our own calls end far earlier, and by
 * a timer that does not blame Redis for a busy moment of this process (in-time.ts), as this one does.
 */
const COMMAND_TIMEOUT_MS = 1000
/** How long a socket may take to say goodbye; ioredis' timer for it runs although there is none. */
const DISCONNECT_TIMEOUT_MS = 200
const SLOTS_REFRESH_MS = 1000

const backOff = (times: number): number => Math.min(times * 100, 1000)

/**
 * ioredis waits and tries again by default, 12 s when Redis is down. Here nothing is queued or sent again
 * on a later connection: whoever asks has another way to go, and a write given up must not come later.
 */
function connectionOptions(place: RedisPlace) {
  const { username, password, tls } = place
  return {
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
    ...(tls ? { tls: {} } : {}),
    protocol: 2 as const,
    connectTimeout: CONNECT_TIMEOUT_MS,
    disconnectTimeout: DISCONNECT_TIMEOUT_MS,
    commandTimeout: COMMAND_TIMEOUT_MS,
    maxRetriesPerRequest: 1,
    autoResendUnfulfilledCommands: false,
    connectionName: 'playlink',
    disableClientInfo: true,
    // A master that was made a replica keeps its connections: leave it for the new one.
    reconnectOnError: (error: Error) => error.message.startsWith('READONLY'),
  }
}

function connectCluster(place: RedisPlace): Cluster {
  return new Cluster([...place.nodes], {
    redisOptions: connectionOptions(place),
    enableOfflineQueue: false,
    clusterRetryStrategy: backOff,
    // Without it a node that restarts with the same slots is never connected again.
    clusterNodeRetryStrategy: backOff,
    slotsRefreshTimeout: COMMAND_TIMEOUT_MS,
    slotsRefreshInterval: SLOTS_REFRESH_MS,
    // ioredis connects to a node with the first command for it and refuses the next ones until that is
    // done: they try again, 160 ms in all, which is also what the loss of a node may cost a call.
    maxRedirections: 8,
    retryDelayOnFailover: 20,
    retryDelayOnTryAgain: 20,
    retryDelayOnClusterDown: 0,
  })
}

function connectSentinel(place: RedisPlace): Redis {
  const { db, master, tls, sentinelUsername, sentinelPassword } = place
  return new Redis({
    ...connectionOptions(place),
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

function connectOne(place: RedisPlace): Redis {
  const [{ host, port } = { host: '127.0.0.1', port: 6379 }] = place.nodes
  return new Redis({
    ...connectionOptions(place),
    enableOfflineQueue: false,
    host,
    port,
    db: place.db,
    retryStrategy: backOff,
  })
}

function connect(place: RedisPlace): Redis | Cluster {
  if (place.kind === 'cluster') return connectCluster(place)
  return place.kind === 'sentinel' ? connectSentinel(place) : connectOne(place)
}

/** Starts connecting and goes on trying until it is closed; never throws for a Redis that is away. */
export function connectRedis(place: RedisPlace): RedisClient {
  const redis = connect(place)
  let trouble: string | undefined
  // Also the listener without which ioredis prints every failure on the console.
  redis.on('error', (error: Error) => {
    trouble = error.message
  })
  redis.on('close', () => {
    trouble ??= 'the connection was lost'
  })
  redis.on('ready', () => {
    trouble = undefined
  })
  let closed = false

  return {
    send: (command, args) => redis.call(command, ...args.map(String)),
    get trouble() {
      return trouble
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
