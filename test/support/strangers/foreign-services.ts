import { once } from 'node:events'
import type { RequestListener } from 'node:http'
import { Worker } from 'node:worker_threads'
import { HOSTILE_FILES, HOSTILE_RELEASES, slowNames } from '../hostile-names.ts'
import type { Env } from '../server/playlink.ts'
import { streamManifest } from '../stream-manifest.ts'

/** The beginning of an id says what is offered for it. */
export const FRONTS = { honest: 'tt80', hostileNames: 'tt81', largeList: 'tt82' } as const

const SOURCES = 60
const TRACKERS = 15

const hashOf = (id: string, n: number): string =>
  (Number(id.slice(2)) * 1000 + n).toString(16).padStart(40, '0')
const escaped = (text: string): string => text.replaceAll('&', '&amp;')

/** Names that differ from title to title, or they would be known after the first. */
function namesFor(id: string): readonly string[] {
  const own = (name: string): string => `${name}${id.slice(-5)}`
  const hostile = [...Object.values(HOSTILE_RELEASES), ...Object.values(HOSTILE_FILES)].map(own)
  return [...hostile, ...slowNames(10).map(own)]
}

function streamsFor(id: string): readonly object[] {
  const honest = { infoHash: hashOf(id, 999), title: `Film ${id} 720p` }
  if (id.startsWith(FRONTS.hostileNames)) {
    const named = namesFor(id).map((title, n) => ({
      ...{ infoHash: hashOf(id, n), title },
      behaviorHints: { filename: title },
    }))
    return [...named, honest]
  }
  if (!id.startsWith(FRONTS.largeList)) return [honest]
  const host = (n: number, i: number): string => `${'t'.repeat(60)}-${id}-${n}-${i}.example:80`
  const trackers = (n: number): readonly string[] =>
    Array.from({ length: TRACKERS }, (_, i) => `tracker:udp://${host(n, i)}/announce`)
  const large = Array.from({ length: SOURCES }, (_, n) => ({
    ...{ infoHash: hashOf(id, n), title: `Film ${id} ${n} ${'x'.repeat(200)}` },
    sources: trackers(n),
  }))
  return [honest, ...large]
}

function feedFor(id: string): string {
  const names = id.startsWith(FRONTS.hostileNames) ? namesFor(id) : []
  const items = [`Film ${id} 2001 1080p`, ...names].map((title, n) => {
    const url = `magnet:?xt=urn:btih:${hashOf(id, 500 + n)}`
    const link = `<enclosure url="${url}" length="9" type="application/x-bittorrent"/>`
    return `<item><title>${escaped(title)}</title><guid>${n}</guid>${link}</item>`
  })
  return `<rss><channel>${items.join('')}</channel></rss>`
}

export const answerForeign: RequestListener = (req, res) => {
  const { pathname, searchParams } = new URL(req.url ?? '', 'http://any')
  const id = /tt\d{7,10}/.exec(`${pathname} ${searchParams}`)?.[0] ?? ''
  if (pathname.startsWith('/cinemeta/')) {
    return void res.end(JSON.stringify({ meta: { name: `Film ${id}`, releaseInfo: '2001' } }))
  }
  if (pathname === '/torznab/api') {
    return void res.end(searchParams.get('t') === 'caps' ? '<caps/>' : feedFor(id))
  }
  res.end(
    JSON.stringify(
      pathname.endsWith('manifest.json') ? streamManifest : { streams: streamsFor(id) },
    ),
  )
}

export interface ForeignServices {
  /** Settings that name them. */
  readonly env: Env
  close(): Promise<void>
}

/**
 * An addon, an indexer and Cinemeta, which know a film for every id; some of what they offer is hostile. In
 * a thread of their own: what they are busy with must not slow whoever watches the clock here.
 */
export async function startForeignServices(): Promise<ForeignServices> {
  const thread = new Worker(new URL('./foreign-thread.ts', import.meta.url))
  const [base] = await once(thread, 'message')
  return {
    close: async () => void (await thread.terminate()),
    env: {
      CINEMETA_URL: `${base}/cinemeta`,
      UPSTREAM_ADDONS: `${base}/addon/manifest.json#upstream`,
      TORZNAB: `${base}/torznab/api?apikey=x#indexer`,
    },
  }
}
