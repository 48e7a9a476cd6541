import { createEventLoopYield } from '../../common/permits/event-loop-yield.ts'
import type { FileOnDisk } from '../disk/file-store.ts'
import type { CacheEntry, CacheIndex } from '../index/cache-index.ts'

/** More entries than a node can have (CACHE_MAX_SIZE). */
const ALL_ENTRIES = 1_000_000

const entryOf = (record: FileOnDisk, node: string): CacheEntry => ({
  key: record.key,
  node,
  name: record.name,
  size: record.layout.size,
  bytes: record.bytes,
  complete: record.complete,
  storedAt: record.storedAt,
  usedAt: record.usedAt,
})

/**
 * Brings the index into agreement with this node's disk, at the start and after the backend was away or
 * lost data (docs/decisions/0003). Totals are compared first, so that a correct index costs one call.
 * @param thorough compare the entries although the totals agree
 * @returns how many entries were wrong
 * @throws what the backend throws
 */
export async function healIndex(
  index: CacheIndex,
  node: string,
  records: readonly FileOnDisk[],
  thorough = false,
): Promise<number> {
  const bytes = records.reduce((sum, record) => sum + record.bytes, 0)
  const totals = await index.totals(node)
  if (!thorough && totals.files === records.length && totals.bytes === bytes) return 0

  const stored = new Map(records.map((record) => [record.key, record]))
  const right = new Set<string>()
  let wrong = 0
  const yieldToEventLoop = createEventLoopYield()
  await yieldToEventLoop()
  for (const entry of await index.leastRecent(node, ALL_ENTRIES)) {
    await yieldToEventLoop()
    const record = stored.get(entry.key)
    if (record && record.bytes === entry.bytes && record.complete === entry.complete) {
      right.add(entry.key)
    } else if (!record) {
      wrong++
      await index.forget(entry.key, node)
    }
  }
  for (const record of records) {
    await yieldToEventLoop()
    if (right.has(record.key)) continue
    wrong++
    await index.save(entryOf(record, node))
  }
  return wrong
}
