import { isImdbId } from './title.ts'

/** What the operator has blocked: it is never listed, played or requested. */
export interface Blocklist {
  hasTitle(imdbId: string): boolean
  /** 40 lower-case hex. */
  hasInfoHash(infoHash: string): boolean
  /** A host name or IP address as in a URL. A blocked name blocks its subdomains too. */
  hasHost(host: string): boolean
}

export interface ParsedBlocklist {
  readonly list: Blocklist
  /** Entries in the list. */
  readonly count: number
  /** Numbers of the lines that are not valid, from 1. */
  readonly badLines: readonly number[]
}

export const emptyBlocklist: Blocklist = {
  hasTitle: () => false,
  hasInfoHash: () => false,
  hasHost: () => false,
}

/** Whether a URL leads to a blocked host; false for a path on this machine. */
export function isBlockedHost(blocklist: Blocklist, address: string): boolean {
  const host = URL.parse(address)?.hostname
  return host !== undefined && host !== '' && blocklist.hasHost(host)
}

const HOST = /^(?=.{1,253}$)[\p{L}\p{N}_-]+(?:\.[\p{L}\p{N}_-]+)*$/u

/** Parses a list with one IMDb id, info hash or host name a line; `#` begins a comment. */
export function parseBlocklist(text: string): ParsedBlocklist {
  const titles = new Set<string>()
  const hashes = new Set<string>()
  const hosts = new Set<string>()
  const badLines: number[] = []
  const lines = text.replace(/^\ufeff/, '').split(/\r?\n/)
  for (const [at, line] of lines.entries()) {
    const word = line.replace(/#.*/, '').trim().toLowerCase()
    if (word === '') continue
    const host = hostOf(word)
    if (isImdbId(word)) titles.add(word)
    else if (/^[0-9a-f]{40}$/.test(word)) hashes.add(word)
    else if (host !== undefined) hosts.add(host)
    else badLines.push(at + 1)
  }
  const hasHost = (name: string): boolean => {
    const whole = bare(name.toLowerCase())
    if (hosts.has(whole)) return true
    // Longer is not a DNS name (RFC 1035 2.3.4), and might have a very great number of labels.
    if (hosts.size === 0 || whole.length > 253) return false
    for (let dot = whole.indexOf('.'); dot >= 0; dot = whole.indexOf('.', dot + 1)) {
      if (hosts.has(whole.slice(dot + 1))) return true
    }
    return false
  }
  const list: Blocklist = {
    hasTitle: (id) => titles.has(id),
    hasInfoHash: (hash) => hashes.has(hash),
    hasHost,
  }
  return { list, count: titles.size + hashes.size + hosts.size, badLines }
}

/** The host as URLs have it: `bücher.example` in punycode, `0x7f.1` as 127.0.0.1. */
function hostOf(word: string): string | undefined {
  const name = word.replace(/^\*\./, '')
  const plain = HOST.test(name) || /^\[?[0-9a-f.]*:[0-9a-f:.]*\]?$/.test(name)
  if (!plain) return undefined
  const bracketed = name.includes(':') && !name.startsWith('[') ? `[${name}]` : name
  const host = URL.parse(`http://${bracketed}/`)?.hostname
  return host ? bare(host) : undefined
}

/** Without the dot at the end of a full name, or the brackets of an IPv6 address. */
const bare = (host: string): string => host.replace(/\.$/, '').replace(/^\[|\]$/g, '')
