/** Version of the keys and values: it changes with their form, so that no version misreads another's. */
const SCHEMA = 1

/**
 * Names of keys. In a Redis Cluster a script may use keys of one slot only. So keys that change together
 * have one hash tag: all entries `{index}`, which are small and few. Values and leases have one key each
 * and spread over the cluster; their names may contain any character, also a `{`.
 */
export interface RedisKeys {
  /** String: the heartbeat (redis-link.ts). */
  readonly heartbeat: string
  /** Sorted set: node -> when it last wrote something, seconds of Redis' clock. */
  readonly nodes: string
  /** Prefix. Hash: file key -> value, and the sum of its bytes. */
  readonly entriesOf: string
  /** Prefix. Sorted set: file key -> last use, milliseconds of that node's clock. */
  readonly orderOf: string
  /** Sorted set: name of a value -> when it was last used, milliseconds of Redis' clock. */
  readonly uses: string
  /** Hash: name of a value -> its bytes, and their sum (redis-value-room.ts). */
  readonly sizes: string
  /** Sorted set: name of a value -> when it ends by itself, milliseconds of Redis' clock. */
  readonly ends: string
  /** Hash: node -> what it says of itself (redis-nodes.ts). */
  readonly announced: string
  /** Sorted set: node -> until when it is there, milliseconds of Redis' clock. */
  readonly present: string
  /** The last lease that an entry of a file was saved under. */
  fence(fileKey: string): string
  value(name: string): string
  lease(name: string): string
  /** Prefix. What each address has had of a limit: server/limits/rate-limiter.ts. */
  readonly limit: string
}

export function redisKeys(): RedisKeys {
  const base = `playlink:${SCHEMA}:`
  return {
    // `pulse`: as earlier versions named it.
    heartbeat: `${base}{index}:pulse`,
    nodes: `${base}{index}:nodes`,
    entriesOf: `${base}{index}:entries:`,
    orderOf: `${base}{index}:order:`,
    uses: `${base}{index}:uses`,
    sizes: `${base}{index}:sizes`,
    ends: `${base}{index}:ends`,
    announced: `${base}{index}:announced`,
    present: `${base}{index}:present`,
    fence: (fileKey) => `${base}{index}:fence:${fileKey}`,
    // `note`: as earlier versions named it.
    value: (name) => `${base}note:${name}`,
    lease: (name) => `${base}lease:${name}`,
    limit: `${base}limit:`,
  }
}
