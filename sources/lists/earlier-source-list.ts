import { z } from 'zod'
import { MAX_NUMBERS, NOWHERE, type StoredSourceList } from './source-list-entry.ts'
import {
  factsShape,
  infoHash,
  providerName,
  selectorShape,
  sourceKeyShape,
  tracker,
  web,
} from './source-shapes.ts'

const locator = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('magnet'),
    infoHash,
    trackers: z.array(tracker).max(40),
    webSeeds: z.array(web).max(40),
  }),
  z.object({ kind: z.literal('torrent'), from: web, infoHash: infoHash.exactOptional() }),
  z.object({ kind: z.literal('url'), url: web }),
  z.object({ kind: z.literal('local') }),
])

/** Version 1, which nothing bounded: every source had its trackers written out. */
const earlierShape = z.object({
  version: z.literal(1),
  usedAt: z.number(),
  entries: z
    .array(
      z.object({
        key: sourceKeyShape,
        listed: z.boolean(),
        retired: z.boolean(),
        source: factsShape.extend({ locator, selector: selectorShape, provider: providerName }),
      }),
    )
    .max(MAX_NUMBERS),
})

/** A list as earlier versions wrote it; undefined when it is none. */
export function readEarlierSourceList(value: unknown): StoredSourceList | undefined {
  const { data } = earlierShape.safeParse(value)
  const entries = data?.entries.map(({ source, ...rest }) => {
    const { locator: place } = source
    if (place.kind !== 'local') return { ...rest, source: { ...source, locator: place } }
    return { ...rest, retired: true, source: { ...source, locator: NOWHERE } }
  })
  return data && entries && { usedAt: data.usedAt, entries }
}
