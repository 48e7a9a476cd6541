import { z } from 'zod'
import type { FileKey } from '../../../common/bittorrent/file-key.ts'
import type { CacheEntry } from '../../index/cache-index.ts'

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

/** An entry as Redis holds it: `<bytes> <usedAt> <JSON of the rest>` (redis-entry-scripts.ts). */
export function textOfEntry(entry: CacheEntry): string {
  const { bytes, usedAt, name, size, complete, storedAt } = entry
  return `${bytes} ${usedAt} ${JSON.stringify({ name, size, complete, storedAt })}`
}

/** Undefined for anything else than an entry: other programs can write to the same Redis. */
export function entryOf(key: string, node: string, value: string): CacheEntry | undefined {
  const [, bytesText, usedText, json = ''] = /^(\d+) (\S+) (.*)$/s.exec(value) ?? []
  try {
    const [bytes, usedAt] = headShape.parse([bytesText, usedText])
    return { key: keyShape.parse(key), node, bytes, usedAt, ...restShape.parse(JSON.parse(json)) }
  } catch {
    return undefined
  }
}
