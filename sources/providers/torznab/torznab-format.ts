import { Fault } from '../../../common/errors.ts'
import { idsOfMany } from '../shared/ids-of-many.ts'
import { statedNumber } from '../shared/stated-facts.ts'
import {
  childOf,
  childrenOf,
  nameOfItem,
  parseXml,
  textOf,
  type XmlElement,
} from '../shared/xml.ts'

/** What an indexer says it can search by (`t=caps`). */
export interface TorznabCaps {
  /** Items it gives at most, where it says so. */
  readonly limit: number
  readonly movie: ReadonlySet<string>
  readonly tv: ReadonlySet<string>
}

export interface TorznabItem {
  readonly title: string
  /** Empty when it has none of its own. */
  readonly guid: string
  /** Addresses that are, or lead to, a magnet or a .torrent, the best first; may hold a passkey. */
  readonly links: readonly string[]
  readonly infoHash: string | undefined
  readonly size: number | undefined
  readonly seeders: number | undefined
  /** Digits without `tt` and zeros in front. */
  readonly imdb: string | undefined
}

const MAX_ITEMS = 500
const DEFAULT_LIMIT = 100
/** Codes of the account (100 to 107) and of limits: see docs/providers.md. */
const LIMIT_REACHED = new Set(['500', '501'])
const NOTHING = '300'
const REST_SECONDS = 600
const DOCUMENTS = new Set(['rss', 'caps'])
/** An NZB is Usenet's, which we do not play; posters and pages stand beside torrents. */
const NO_TORRENT = /nzb|^(?:image|text|audio|video)\//i
/** Taken where nothing better is there, for servers call a torrent anything. */
const NO_FILE = /nzb|^image\//i

/**
 * The document of an answer; undefined for the error "no results". Errors come with HTTP 200. Their
 * description may quote the request with its key, so only their code is used.
 * @throws Fault UPSTREAM_FAILED
 */
export async function torznabDocument(text: string): Promise<XmlElement | undefined> {
  const root = await parseXml(text)
  const error = root.name === 'error' ? root : childOf(root, 'error')
  if (!error) {
    if (DOCUMENTS.has(root.name)) return root
    throw new Fault('UPSTREAM_FAILED', {}, { cause: new Error('neither a result nor caps') })
  }
  const code = /^\d{1,4}$/.exec(error.attributes.code ?? '')?.[0] ?? 'unknown'
  if (code === NOTHING) return undefined
  const details = LIMIT_REACHED.has(code) ? { retryAfterSeconds: REST_SECONDS } : {}
  throw new Fault('UPSTREAM_FAILED', details, { cause: new Error(`indexer's error ${code}`) })
}

/** Where nothing is said, `q` is assumed, and season and episode for series. */
export function readCaps(root: XmlElement | undefined): TorznabCaps {
  const searching = childOf(root, 'searching')
  const limits = childOf(root, 'limits')?.attributes
  return {
    limit: Math.min(whole(limits?.max) || DEFAULT_LIMIT, MAX_ITEMS),
    movie: parameters(childOf(searching, 'movie-search'), ['q']),
    tv: parameters(childOf(searching, 'tv-search'), ['q', 'season', 'ep']),
  }
}

function parameters(search: XmlElement | undefined, assumed: readonly string[]) {
  if (search?.attributes.available?.toLowerCase() === 'no') return new Set<string>()
  const said = search?.attributes.supportedParams ?? search?.attributes.supportedparams
  return new Set(said ? said.toLowerCase().split(/[\s,]+/) : assumed)
}

/** The items of a result, their links made absolute by the address that was asked. */
export function readItems(root: XmlElement | undefined, base?: string): readonly TorznabItem[] {
  const channel = childOf(root, 'channel') ?? root
  const items = childrenOf(channel, 'item')
    .slice(0, MAX_ITEMS)
    .map((item) => readItem(item, base))
  const many = idsOfMany(items.map(({ title, guid: id }) => ({ title, id })))
  return items.map((item) => (many.has(item.guid) ? { ...item, guid: '' } : item))
}

const isTorrentLink = (url = ''): boolean => /^magnet:|\.torrent(?:$|[?#])/i.test(url)

function readItem(item: XmlElement, base: string | undefined): TorznabItem {
  const attributes = new Map<string, string>()
  for (const { name, attributes: given } of item.children) {
    const key = given.name?.toLowerCase()
    if (!/^(?:[\w-]{1,40}:)?attr$/.test(name) || !key || attributes.has(key)) continue
    attributes.set(key, given.value?.trim() ?? '')
  }
  const all = childrenOf(item, 'enclosure').map((one) => one.attributes)
  const fit = all.filter((one) => !NO_TORRENT.test(one.type ?? '') || isTorrentLink(one.url))
  const enclosure =
    fit.find(({ type }) => /torrent|magnet/i.test(type ?? '')) ??
    fit[0] ??
    all.find(({ type }) => !NO_FILE.test(type ?? ''))
  const usenet = all.length > 0 && all.every(({ type }) => /nzb/i.test(type ?? ''))
  const guid = textOf(item, 'guid')
  const links = [
    attributes.get('magneturl'),
    ...(usenet ? [] : [enclosure?.url, textOf(item, 'link')]),
    /^magnet:/i.test(guid) ? guid : undefined,
  ]
  return {
    title: nameOfItem(item),
    guid,
    links: links.flatMap((link) => (link ? [absolute(link, base)] : [])),
    infoHash: attributes.get('infohash')?.replace(/^urn:btih:/i, '') || undefined,
    size:
      positive(attributes.get('size')) ??
      positive(textOf(item, 'size')) ??
      positive(enclosure?.length),
    seeders: statedNumber(attributes.get('seeders')),
    imdb: digits(attributes.get('imdb') || attributes.get('imdbid')),
  }
}

/** Some indexers encode `&` twice. */
function absolute(link: string, base: string | undefined): string {
  const text = link.replace(/&(?:amp|#38);/gi, '&')
  return /^[a-z][a-z\d+.-]*:/i.test(text) ? text : (URL.parse(text, base)?.href ?? text)
}

const whole = (text: string | undefined): number | undefined =>
  text !== undefined && /^\d{1,15}$/.test(text.trim()) ? Number(text) : undefined
const positive = (text: string | undefined): number | undefined => statedNumber(text) || undefined
const digits = (text: string | undefined): string | undefined =>
  /^(?:tt)?0*(\d{1,10})$/i.exec(text ?? '')?.[1]
