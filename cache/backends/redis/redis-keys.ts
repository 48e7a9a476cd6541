/** Read by every version that keeps the same things in the same form; another form, another number. */
const SCHEMA = 1

/**
 * Names in Redis. A script may touch keys of one slot only (Redis Cluster), so what changes together
 * carries one hash tag: all entries `{index}`, which are small and few. Notes and leases are one key
 * each and spread over the cluster; names in them may hold anything, a `{` too.
 */
export interface RedisKeys {
  readonly pulse: string
  /** Sorted set: node -> when it last said something, seconds of Redis' clock. */
  readonly nodes: string
  /** Prefix. Hash: content key -> value, and the sum of its bytes. */
  readonly entriesOf: string
  /** Prefix. Sorted set: content key -> last use, milliseconds of that node's clock. */
  readonly orderOf: string
  note(name: string): string
  lease(name: string): string
}

export function redisKeys(): RedisKeys {
  const base = `playlink:${SCHEMA}:`
  return {
    pulse: `${base}{index}:pulse`,
    nodes: `${base}{index}:nodes`,
    entriesOf: `${base}{index}:entries:`,
    orderOf: `${base}{index}:order:`,
    note: (name) => `${base}note:${name}`,
    lease: (name) => `${base}lease:${name}`,
  }
}
