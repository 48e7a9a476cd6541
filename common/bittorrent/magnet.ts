import { isIPv4, isIPv6 } from 'node:net'
import { cleanText } from '../clean-text.ts'
import { keepUrls, TRACKER, WEB } from '../network/foreign-url.ts'
import { UnsupportedTorrentError, ValidationError } from './validation-error.ts'

/**
 * What we keep of a magnet link. `so`, `xs`, `as` and `kt` are dropped: a `so` of 75 bytes
 * makes webtorrent run out of memory, and it would fetch any address in `xs`.
 */
export interface Magnet {
  /** 40 lower-case hex; the first 20 bytes of a v2 hash (BEP 52). */
  readonly infoHash: string
  readonly name: string | undefined
  readonly trackers: readonly string[]
  readonly webSeeds: readonly string[]
  /** `ip:port` or `[ip]:port`, checked again before they are connected to; absent: it names none. */
  readonly peers?: readonly string[]
}

/** Dead ones stand before those that live, and all are asked at once. */
export const MAX_TRACKERS = 100
export const MAX_WEB_SEEDS = 20
export const MAX_PEERS = 10
const MAX_MAGNET_BYTES = 8192
const MAX_NAME = 300

const BASE32 = 'abcdefghijklmnopqrstuvwxyz234567'

/**
 * Parses a magnet link (BEP 9, 52). Only these parameters are read: `xt` (the first with a v1 info
 * hash, else with a v2 one), `dn`, `tr`, `ws` and `x.pe`, also numbered (`tr.1`); `magnet://?` counts as `magnet:?`. Invalid trackers, web seeds and peers are left out.
 * @throws ValidationError when it is no magnet link, too long, or has no info hash
 */
export function parseMagnet(text: string): Magnet {
  if (Buffer.byteLength(text) > MAX_MAGNET_BYTES) {
    throw new ValidationError('A magnet link may have at most 8 KiB.')
  }
  const query = /^magnet:(?:\/\/?)?\?(.*)$/is.exec(text.trim())?.[1]
  if (query === undefined) throw new ValidationError('A magnet link starts with "magnet:?".')
  const found = parameters(query)
  const name = cleanText((found.dn[0] ?? '').replaceAll('+', ' '), MAX_NAME)
  const peers = [...new Set(found.pe.filter(isPeerAddress))].slice(0, MAX_PEERS)
  return {
    infoHash: firstInfoHash(found.xt),
    name: name === '' ? undefined : name,
    trackers: keepUrls(found.tr, TRACKER, MAX_TRACKERS),
    webSeeds: keepUrls(found.ws, WEB, MAX_WEB_SEEDS),
    ...(peers.length > 0 && { peers }),
  }
}

/**
 * The same of parts that are given one by one.
 * @param infoHash 40 hex or 32 base32 characters
 * @throws ValidationError when it is none
 */
export const magnetOf = (infoHash: string, trackers: readonly string[]): Magnet => ({
  infoHash: firstInfoHash([`urn:btih:${infoHash}`]),
  name: undefined,
  trackers: keepUrls(trackers, TRACKER, MAX_TRACKERS),
  webSeeds: [],
})

interface Parameters {
  readonly xt: string[]
  readonly dn: string[]
  readonly tr: string[]
  readonly ws: string[]
  readonly pe: string[]
}

function parameters(query: string): Parameters {
  const found: Parameters = { xt: [], dn: [], tr: [], ws: [], pe: [] }
  // Pages write `&amp;` or its number where they should write `&`, and it is copied from them.
  for (const part of query.split(/&(?:(?:amp|#0{0,6}38|#x0{0,6}26);)*/i)) {
    const match = /^(xt|dn|tr|ws|x\.pe)(?:\.\d{1,3})?=(.*)$/is.exec(part)
    const name = match?.[1]?.toLowerCase().replace('x.', '') as keyof Parameters | undefined
    const once = percentDecoded(match?.[2] ?? '')
    // A link in a link is encoded once more, and some copy it as it stands there.
    const value = name !== 'dn' && /^[a-z]+%3a/i.test(once) ? percentDecoded(once) : once
    if (name) found[name].push(value)
  }
  return found
}

/** Names of hosts are left out: what peers are called is never looked up. */
export function isPeerAddress(text: string): boolean {
  const [, six, four, digits] = /^(?:\[([0-9a-f:.]+)\]|([\d.]+)):(\d{1,5})$/i.exec(text) ?? []
  const port = Number(digits)
  return port > 0 && port < 65_536 && (six ? isIPv6(six) : isIPv4(four ?? ''))
}

const WESTERN = new TextDecoder('windows-1252')

/** What encodes nothing stands as it is (`100% Wolf`); what is no UTF-8 was written by an older site. */
const percentDecoded = (text: string): string =>
  text.replace(/(?:%[0-9a-f]{2})+/gi, (run) => {
    try {
      return decodeURIComponent(run)
    } catch {
      return WESTERN.decode(Buffer.from(run.replaceAll('%', ''), 'hex'))
    }
  })

function firstInfoHash(topics: readonly string[]): string {
  for (const topic of topics) {
    const hash = /^urn:btih:([0-9a-f]{40}|[a-z2-7]{32})$/i.exec(topic.trim())?.[1]?.toLowerCase()
    if (hash) return hash.length === 40 ? hash : hexOfBase32(hash)
  }
  for (const topic of topics) {
    // A multihash: SHA-256 (0x12) of 32 bytes (0x20).
    const hash = /^urn:btmh:1220([0-9a-f]{64})$/i.exec(topic.trim())?.[1]?.toLowerCase()
    if (hash) return hash.slice(0, 40)
  }
  if (topics.some((topic) => /^urn:btmh:/i.test(topic))) {
    throw new UnsupportedTorrentError(
      'The magnet link has a hash of a kind that is not known here.',
    )
  }
  throw new ValidationError(
    'The magnet link has no "xt=urn:btih:" with 40 hex or 32 base32 characters, nor "xt=urn:btmh:1220" with 64 hex.',
  )
}

function hexOfBase32(text: string): string {
  let bits = 0n
  for (const char of text) bits = (bits << 5n) | BigInt(BASE32.indexOf(char))
  return bits.toString(16).padStart(40, '0')
}
