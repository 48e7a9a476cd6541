import { z } from 'zod'
import type { FileKey } from '../../../common/bittorrent/file-key.ts'
import type { CacheEntry, CacheIndex } from '../../index/cache-index.ts'
import type { RedisCalls } from './redis-calls.ts'
import {
  COUNT_AGAIN,
  DROP_SILENT,
  FIND,
  FORGET,
  SAVE,
  TOTALS,
  TOTALS_OF_ALL,
  TOUCH,
} from './redis-entry-scripts.ts'
import type { RedisKeys } from './redis-keys.ts'

/** Entries asked for in one round trip: none may keep Redis busy for long. */
const BATCH = 500
const SILENT_SECONDS = 7 * 24 * 3600

const keyShape = z.custom<FileKey>(
  (key) => typeof key === 'string' && /^[0-9a-f]{40}\/(0|[1-9]\d{0,4})$/.test(key),
)
const restShape = z.object({
  name: z.string(),
  size: z.int().nonnegative(),
  complete: z.boolean(),
  storedAt: z.number(),
})
const headShape = z.tuple([
  z.coerce.number<string>().int().nonnegative(),
  z.coerce.number<string>(),
])
const totalsShape = z.tuple([z.int().nonnegative(), z.coerce.number<string>()])
const textsShape = z.array(z.string())
const valuesShape = z.array(z.string().nullable())

function textOf({ bytes, usedAt, name, size, complete, storedAt }: CacheEntry): string {
  return `${bytes} ${usedAt} ${JSON.stringify({ name, size, complete, storedAt })}`
}

/** Others can write to the same Redis: what is not an entry in every detail is none. */
function entryOf(key: string, node: string, value: string): CacheEntry | undefined {
  const [, bytesText, usedText, json = ''] = /^(\d+) (\S+) (.*)$/s.exec(value) ?? []
  try {
    const [bytes, usedAt] = headShape.parse([bytesText, usedText])
    return { key: keyShape.parse(key), node, bytes, usedAt, ...restShape.parse(JSON.parse(json)) }
  } catch {
    return undefined
  }
}

type EntryCalls = Pick<
  CacheIndex,
  'find' | 'save' | 'touch' | 'forget' | 'leastRecent' | 'totals'
> & {
  /** Drops what nodes held that have been silent for a week. */
  dropSilent(): Promise<void>
}

/**
 * Entries and their totals. `usedAt` is the caller's: only a node compares its own, so no two clocks meet.
 */
export function createRedisEntries(redis: RedisCalls, keys: RedisKeys): EntryCalls {
  const keysOf = (node: string) => [keys.entriesOf + node, keys.orderOf + node, keys.nodes]

  const forget = async (key: string, node: string): Promise<boolean> =>
    (await redis.run(FORGET, keysOf(node), [key, node])) === 1

  async function readable(key: string, node: string, value: string | null | undefined) {
    const entry = value ? entryOf(key, node, value) : undefined
    // Unreadable, or in the order only: gone, so that totals and order tell the truth again.
    if (!entry) await redis.run(FORGET, keysOf(node), [key, node, value ?? ''])
    return entry
  }

  async function leastRecent(node: string, limit: number): Promise<CacheEntry[]> {
    const found: CacheEntry[] = []
    if (limit <= 0) return found
    const order = textsShape.parse(await redis.send('ZRANGE', [keys.orderOf + node, 0, limit - 1]))
    for (let at = 0; at < order.length; at += BATCH) {
      const batch = order.slice(at, at + BATCH)
      const values = valuesShape.parse(await redis.send('HMGET', [keys.entriesOf + node, ...batch]))
      for (const [i, key] of batch.entries()) {
        const entry = await readable(key, node, values[i])
        if (entry) found.push(entry)
      }
    }
    if (order.length < limit) await countAgain(node, found)
    return found
  }

  /** Who lists all of a node's entries compares them with its disk (heal-index.ts): so must the sum be. */
  async function countAgain(node: string, all: readonly CacheEntry[]): Promise<void> {
    const { bytes } = await totals(node)
    if (bytes === all.reduce((sum, each) => sum + each.bytes, 0)) return
    await redis.run(COUNT_AGAIN, keysOf(node), [])
  }

  async function totals(node: string | undefined) {
    const reply =
      node === undefined
        ? await redis.run(TOTALS_OF_ALL, [keys.nodes], [keys.entriesOf, keys.orderOf])
        : await redis.run(TOTALS, keysOf(node), [node])
    const [files, bytes] = totalsShape.parse(reply)
    return { files, bytes }
  }

  return {
    async find(key) {
      const reply = textsShape.parse(await redis.run(FIND, [keys.nodes], [keys.entriesOf, key]))
      const found: CacheEntry[] = []
      for (let at = 0; at < reply.length; at += 2) {
        const entry = await readable(key, reply[at] ?? '', reply[at + 1])
        if (entry) found.push(entry)
      }
      return found
    },
    async save(entry) {
      const { key, node, bytes, usedAt } = entry
      await redis.run(SAVE, keysOf(node), [key, textOf(entry), bytes, usedAt, node])
    },
    async touch(key, node, usedAt) {
      await redis.run(TOUCH, keysOf(node).slice(0, 2), [key, usedAt])
    },
    forget,
    leastRecent,
    totals,
    async dropSilent() {
      await redis.run(DROP_SILENT, [keys.nodes], [keys.entriesOf, keys.orderOf, SILENT_SECONDS])
    },
  }
}
