import { z } from 'zod'
import { cleanText } from '../../../common/clean-text.ts'
import { Fault } from '../../../common/errors.ts'
import { isVideo } from '../../../common/media-types.ts'
import { MAX_URL_BYTES } from '../../../common/network/foreign-url.ts'
import { idsOfMany, nameAndSize } from '../shared/ids-of-many.ts'
import { statedFacts, statedNumber } from '../shared/stated-facts.ts'
import {
  childOf,
  childrenOf,
  nameOfItem,
  parseXml,
  textOf,
  type XmlElement,
} from '../shared/xml.ts'

/** One entry of a feed that may be a torrent or a video. */
export interface FeedEntry {
  readonly title: string
  /** Its id in the feed, else its first link: the same at every poll. */
  readonly id: string
  readonly infoHash?: string
  /** Magnets and .torrent files; may hold passkeys. */
  readonly links: readonly string[]
  /** Addresses of video files, as podcasts have them. */
  readonly videos: readonly string[]
  readonly size?: number
  readonly seeders?: number
  /** When it was first seen here, wall-clock milliseconds; the dates in feeds are often missing. */
  readonly seenAt: number
}

/** Characters of an entry's id. */
const MAX_ID = 2048

/** As stored in the index; checked when it is read back, because others may write there. */
export const feedEntryShape = z.object({
  // 300 characters, of two UTF-16 units at most.
  title: z.string().min(1).max(600),
  id: z.string().max(MAX_ID),
  infoHash: z.string().max(40).exactOptional(),
  links: z.array(z.string().max(8192)).max(6),
  videos: z.array(z.string().max(MAX_URL_BYTES)).max(6),
  size: z.int().positive().exactOptional(),
  seeders: z.int().min(0).exactOptional(),
  seenAt: z.number(),
})

const MAX_ENTRIES = 1000
const MAX_LINKS = 6
const FEEDS = new Set(['rss', 'rdf:rdf', 'feed'])
const MAX_LINK = 8192
/** Elements of one kind that are looked at in an entry. */
const MAX_CANDIDATES = 100

/** In a text; `SHA1 hash: ...` is that of a file. */
const HASH =
  /(?<![a-z]|(?:sha-?1|md5)[^a-z0-9]{1,3})(?:info[ _-]?)?hash\W{1,4}([0-9a-f]{40})(?![0-9a-z])/i

/**
 * Reads RSS 2.0, RDF and Atom (RFC 4287), with what torrent sites put into them: enclosures,
 * `torrent:infoHash`, magnets in links and texts, sizes in the description only. Links are relative to `base`.
 * @throws Fault UPSTREAM_FAILED when it is no feed
 */
export async function parseFeed(
  text: string,
  now: number,
  base?: string,
): Promise<readonly FeedEntry[]> {
  const root = withoutPrefix(await parseXml(text))
  if (!FEEDS.has(root.name)) {
    throw new Fault('UPSTREAM_FAILED', {}, { cause: new Error('neither RSS nor Atom') })
  }
  const channel = childOf(root, 'channel')
  const items = [root, channel].flatMap((one) => [
    ...childrenOf(one, 'item'),
    ...childrenOf(one, 'entry'),
  ])
  const entries = items.slice(0, MAX_ENTRIES).flatMap((item) => readEntry(item, now, base) ?? [])
  const many = idsOfMany(entries)
  return entries.map((entry) =>
    many.has(entry.id) ? { ...entry, id: nameAndSize(entry).slice(0, MAX_ID) } : entry,
  )
}

/** Names an entry without an id of its own. */
const firstOfAll = ({
  title,
  links,
  videos,
}: Pick<FeedEntry, 'title' | 'links' | 'videos'>): string =>
  (links[0] ?? videos[0] ?? title).slice(0, MAX_ID)

/** `<atom:feed>` with `<atom:entry>`: the prefix of the root is that of the format. */
function withoutPrefix(root: XmlElement): XmlElement {
  const prefix = /^(?!rdf:)[\w-]+:/.exec(root.name)?.[0]
  const stripped = (element: XmlElement): XmlElement => ({
    ...element,
    name: element.name.slice(element.name.startsWith(prefix ?? '') ? (prefix ?? '').length : 0),
    children: element.children.map(stripped),
  })
  return prefix === undefined ? root : stripped(root)
}

function readEntry(item: XmlElement, now: number, base?: string): FeedEntry | undefined {
  const title = cleanText(nameOfItem(item), 300)
  const extra = extras(item)
  const { links, videos } = linksOf(item, extra, base)
  const id = textOf(item, 'guid') || textOf(item, 'id') || firstOfAll({ title, links, videos })
  const texts = `${textOf(item, 'description')} ${textOf(item, 'summary')}`
  const infoHash =
    /^(?:urn:btih:)?([0-9a-f]{40}|[a-z2-7]{32})$/i.exec(extra.get('infohash') ?? '')?.[1] ??
    // Of a video it is that of the file.
    (videos.length === 0 ? HASH.exec(texts)?.[1] : undefined)
  if (title === '' || (links.length + videos.length === 0 && infoHash === undefined)) {
    return undefined
  }
  const told = statedFacts(texts)
  const enclosed = childrenOf(item, 'enclosure').map(({ attributes }) => attributes.length)
  const sizes = [extra.get('contentlength'), extra.get('size'), ...enclosed]
  const size = sizes.map(statedNumber).find(Boolean)
  const seeders = statedNumber(extra.get('seeders') ?? extra.get('seeds')) ?? told.seeders
  return {
    ...{ title, id: id.slice(0, MAX_ID), links, videos, seenAt: now },
    ...(infoHash && { infoHash }),
    ...((size ?? told.size) && { size: size ?? told.size }),
    ...(seeders !== undefined && { seeders }),
  }
}

/**
 * By name without prefix: `torrent:infoHash`, `nyaa:seeders`, `torznab:attr`, and what `torrent`
 * contains.
 */
function extras(item: XmlElement): ReadonlyMap<string, string> {
  const found = new Map<string, string>()
  const inside = childrenOf(item, 'torrent').flatMap(({ children }) => children)
  for (const { name, text, attributes } of [...item.children, ...inside]) {
    const last = name.slice(name.indexOf(':') + 1)
    const key = (last === 'attr' ? attributes.name : last)?.toLowerCase()
    const value = last === 'attr' ? attributes.value : text
    if (key && value && !found.has(key)) found.set(key, value.trim())
  }
  return found
}

interface Link {
  readonly url: string | undefined
  readonly type: string | undefined
}

/** Where feeds put magnets into a text. */
const TEXTS = ['description', 'content:encoded', 'content', 'summary', 'comments']

/** A plain link that looks like no download is the entry's web page, and is left out. */
function linksOf(item: XmlElement, extra: ReadonlyMap<string, string>, base?: string) {
  const some = (name: string) => childrenOf(item, name).slice(0, MAX_CANDIDATES)
  const enclosures = some('enclosure').map(({ attributes: { url, type } }): Link => {
    const isAny = !type || (UNTYPED.test(type) && !isVideo(pathOf(url ?? '')))
    return { url, type: isAny ? 'application/x-bittorrent' : type }
  })
  const plain = some('link').flatMap(({ attributes, text }): Link[] => {
    const type = attributes.rel === 'enclosure' ? attributes.type : undefined
    return [
      { url: attributes.href, type },
      { url: text, type: undefined },
    ]
  })
  const media = some('media:content').flatMap(({ attributes: { url, type } }): Link[] =>
    /^video|torrent/i.test(type ?? '') ? [{ url, type }] : [],
  )
  const told = TEXTS.map((name) => /magnet:\?[^\s"'<>]+/i.exec(textOf(item, name))?.[0])
  const magnets = [extra.get('magneturl'), extra.get('magneturi'), textOf(item, 'guid'), ...told]
  const all = [
    ...magnets.map((url): Link => ({ url, type: undefined })),
    ...enclosures,
    ...media,
    ...plain,
  ]
  const links = all.map(({ url, type }) => ({ url: absolute(url, base), type: type ?? '' }))
  const videos = links.filter(({ url, type }) => isWeb(url) && isVideoAt(url, type))
  const torrents = links.filter(({ url, type }) => isMagnet(url) || isTorrent(url, type))
  const isBare = torrents.length + videos.length === 0
  const downloads = isBare ? links.filter(({ url }) => isWeb(url) && isDownload(url)) : []
  return {
    links: firstOf([...torrents, ...downloads]),
    videos: firstOf(videos),
  }
}

/** Types of any file: an enclosure of them is the torrent. */
const UNTYPED = /^application\/(?:octet-stream|x-torrent|force-download|download)/i
/** `/download.php?id=1&passkey=...`, `/torrents/1/dl`, `/rss/get/1`. */
const DOWNLOAD = /(?:^|[/_.-])(?:download|dl|get|torrent)s?(?:[/_.-]|$)/i
const PASS = /^(?:passkey|torrent_pass|authkey|rsskey|rss_key|download|torrent)$/i

function isDownload(url: string): boolean {
  const parsed = URL.parse(url)
  if (!parsed || /\.(?:html?|jpe?g|png)$/i.test(parsed.pathname)) return false
  const last = parsed.pathname.split('/').slice(-3).join('/')
  return DOWNLOAD.test(`/${last}`) || [...parsed.searchParams.keys()].some((key) => PASS.test(key))
}

const isMagnet = (url: string): boolean => url.length <= MAX_LINK && /^magnet:\?/i.test(url)
const isWeb = (url: string): boolean => url.length <= MAX_URL_BYTES && /^https?:\/\//i.test(url)
const pathOf = (url: string): string => URL.parse(url)?.pathname ?? ''
const isTorrent = (url: string, type: string): boolean =>
  isWeb(url) && (/bittorrent/i.test(type) || /\.torrent$/i.test(pathOf(url)))
/** Some feeds encode `&` twice. */
function absolute(url = '', base?: string): string {
  const text = url.trim().replace(/&(?:amp|#38);/gi, '&')
  if (base === undefined || text === '' || /^[a-z][a-z\d+.-]*:/i.test(text)) return text
  return URL.parse(text, base)?.href ?? text
}
const isVideoAt = (url: string, type: string): boolean =>
  /^video\//i.test(type) || isVideo(pathOf(url))
const firstOf = (links: readonly { readonly url: string }[]): readonly string[] =>
  [...new Set(links.map(({ url }) => url))].slice(0, MAX_LINKS)
