import { isImdbId } from './title.ts'

/** What is never listed, played or asked, by order of the operator. */
export interface Blocklist {
  hasTitle(imdbId: string): boolean
  /** 40 lower-case hex. */
  hasInfoHash(infoHash: string): boolean
  /** A host name or address as URLs write them; a name stands for all below it, too. */
  hasHost(host: string): boolean
}

export interface ParsedBlocklist {
  readonly list: Blocklist
  readonly count: number
  /** Lines that are none of the three; counted from 1. */
  readonly badLines: readonly number[]
}

export const emptyBlocklist: Blocklist = {
  hasTitle: () => false,
  hasInfoHash: () => false,
  hasHost: () => false,
}

/** Whether an address leads to a blocked host; a path of this machine has none. */
export function isBlockedHost(blocklist: Blocklist, address: string): boolean {
  const host = URL.parse(address)?.hostname
  return host !== undefined && host !== '' && blocklist.hasHost(host)
}

const HOST = /^(?=.{1,253}$)[\p{L}\p{N}_-]+(?:\.[\p{L}\p{N}_-]+)*$/u

/** One IMDb id, info hash or host name a line; `#` begins a comment. */
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
    // What is longer is no name of DNS (RFC 1035 2.3.4), and has too many parts to look at.
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

/** As URLs write it: `bücher.example` in punycode, `0x7f.1` as 127.0.0.1. */
function hostOf(word: string): string | undefined {
  const name = word.replace(/^\*\./, '')
  const plain = HOST.test(name) || /^\[?[0-9a-f:.]*:[0-9a-f:.]*\]?$/.test(name)
  if (!plain) return undefined
  const bracketed = name.includes(':') && !name.startsWith('[') ? `[${name}]` : name
  const host = URL.parse(`http://${bracketed}/`)?.hostname
  return host ? bare(host) : undefined
}

const bare = (host: string): string => host.replace(/\.$/, '').replace(/^\[|\]$/g, '')
