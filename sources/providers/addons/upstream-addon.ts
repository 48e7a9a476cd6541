import { LRUCache } from 'lru-cache'
import type { Clock } from '../../../common/clock.ts'
import { Fault } from '../../../common/errors.ts'
import type { Outbound } from '../../../common/network/outbound.ts'
import { titleId } from '../../../common/title.ts'
import type { Source, SourceProvider } from '../../source.ts'
import { askForeign, freshnessOf, jsonOf } from '../shared/foreign-answer.ts'
import {
  type AddonManifest,
  offersStreams,
  readAddonManifest,
  sourceOfStream,
} from './addon-format.ts'

export interface UpstreamAddonDeps {
  readonly name: string
  /** Of its manifest, `/manifest.json` at the end; its path may hold a secret. */
  readonly manifestUrl: string
  readonly outbound: Outbound
  readonly clock: Clock
  /** Sent with every request: see common/network/loop-header.ts. */
  readonly loopHeaders: Readonly<Record<string, string>>
  /** Our own public address, whose streams would lead back to us. */
  readonly publicUrl: string | undefined
}

const MANIFEST_MS = 3_600_000
/** An answer that says nothing is not kept here; the pool keeps it for a while anyway. */
const MOST_MS = 21_600_000
const REMEMBERED = 500
/** In all of them. */
const REMEMBERED_STREAMS = 10_000
const MAX_STREAMS = 500

interface Kept<T> {
  readonly until: number
  readonly value: T
}

/** Another addon of Stremio's protocol (stremio-addon-sdk, docs/protocol.md). */
export function createUpstreamAddon(deps: UpstreamAddonDeps): SourceProvider {
  const { name, outbound, clock, loopHeaders, publicUrl } = deps
  const { origin, pathname, search } = new URL(deps.manifestUrl)
  const base = `${origin}${pathname.replace(/\/manifest\.json$/, '')}`
  const answers = new LRUCache<string, Kept<readonly Source[]>>({
    max: REMEMBERED,
    maxSize: REMEMBERED_STREAMS,
    sizeCalculation: ({ value }) => value.length + 1,
  })
  let manifest: Kept<AddonManifest> | undefined

  const isOurs = (url: string): boolean =>
    publicUrl !== undefined && (url === publicUrl || url.startsWith(`${publicUrl}/`))
  const mayRedirect = (url: string): boolean => outbound.mayRedirect(url) && !isOurs(url)

  async function readManifest(signal: AbortSignal): Promise<AddonManifest> {
    if (manifest && clock.steady() < manifest.until) return manifest.value
    const answer = await askForeign(outbound, `${base}/manifest.json${search}`, signal, loopHeaders)
    const value = readAddonManifest(jsonOf(answer))
    if (!value) throw new Fault('UPSTREAM_FAILED', {}, { cause: new Error('no manifest') })
    manifest = { until: clock.steady() + MANIFEST_MS, value }
    return value
  }

  return {
    name,
    authority: 'network',
    relays: true,
    async find(title, signal) {
      if (isOurs(base)) return []
      if (!offersStreams(await readManifest(signal), title)) return []
      const id = titleId(title)
      const known = answers.get(`${title.type} ${id}`)
      if (known && clock.steady() < known.until) return known.value
      const url = `${base}/stream/${title.type}/${encodeURIComponent(id)}.json${search}`
      const answer = await askForeign(outbound, url, signal, loopHeaders)
      const { streams } = (jsonOf(answer) ?? {}) as { streams?: unknown }
      if (!Array.isArray(streams)) {
        throw new Fault('UPSTREAM_FAILED', {}, { cause: new Error('no list of streams') })
      }
      const value = streams
        .slice(0, MAX_STREAMS)
        .map((stream) => sourceOfStream(stream, name, mayRedirect))
        .filter((source) => source !== undefined)
      const fresh = Math.min(freshnessOf(answer) ?? 0, MOST_MS)
      if (fresh > 0) answers.set(`${title.type} ${id}`, { until: clock.steady() + fresh, value })
      return value
    },
  }
}
