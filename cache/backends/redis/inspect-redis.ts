import { setTimeout as delay } from 'node:timers/promises'
import { z } from 'zod'
import type { RedisPlace } from '../../../config/redis-place.ts'
import type { AnnouncedNode } from '../../index/cache-index.ts'
import { connectRedis, type RedisClient } from './redis-client.ts'
import { redisKeys } from './redis-keys.ts'
import { readAbout } from './redis-nodes.ts'

/** What a Redis says of itself. */
export interface RedisFacts {
  readonly version: string
  /** What it removes when it is full, such as `noeviction`. */
  readonly policy: string
  /** Bytes; 0: no limit. */
  readonly maxMemory: number
  /** It is a copy of another one, and takes no writes. */
  readonly isReplica: boolean
  /** The nodes of the cluster that are there now. */
  readonly nodes: readonly AnnouncedNode[]
}

/** For as long it is tried again: a machine may be busy when it is looked at. */
const CONNECT_MS = 5000
const BETWEEN_MS = 50
const MAX_NODES = 1000
const texts = z.array(z.string().nullable())

/**
 * Looks at a Redis as an operator would, and changes nothing there.
 * @throws Error, whose message says why it cannot be used
 */
export async function inspectRedis(place: RedisPlace, signal: AbortSignal): Promise<RedisFacts> {
  const client = connectRedis(place)
  try {
    const { info, nodes } = await onceConnected(client, signal, async () => ({
      info: String(await client.send('INFO', [])),
      nodes: await announcedNodes(client),
    }))
    const lines = info.split(/\r?\n/)
    const said = (name: string): string =>
      lines.find((line) => line.startsWith(`${name}:`))?.slice(name.length + 1) ?? ''
    return {
      version: said('redis_version'),
      policy: said('maxmemory_policy'),
      maxMemory: Number(said('maxmemory')) || 0,
      isReplica: said('role') === 'slave',
      nodes,
    }
  } finally {
    client.close()
  }
}

/** Until it is connected commands fail at once: most of them, for some may be sent as soon as it is half. */
async function onceConnected<T>(
  client: RedisClient,
  signal: AbortSignal,
  ask: () => Promise<T>,
): Promise<T> {
  for (let tries = 0; ; tries++) {
    try {
      return await ask()
    } catch (error) {
      const { name, message } = error as Error
      if (name === 'ReplyError' || tries >= CONNECT_MS / BETWEEN_MS) {
        throw new Error(name === 'ReplyError' ? message : (client.lastError ?? message))
      }
      await delay(BETWEEN_MS, undefined, { signal })
    }
  }
}

async function announcedNodes(client: RedisClient): Promise<readonly AnnouncedNode[]> {
  const { announced, present } = redisKeys()
  const [seconds] = texts.parse(await client.send('TIME', []))
  const since = Number(seconds) * 1000
  const range = [present, since, '+inf', 'LIMIT', 0, MAX_NODES]
  const ids = z.array(z.string()).parse(await client.send('ZRANGEBYSCORE', range))
  if (ids.length === 0) return []
  const said = texts.parse(await client.send('HMGET', [announced, ...ids]))
  return ids.flatMap((id, at) => readAbout(id, said[at] ?? '') ?? [])
}
