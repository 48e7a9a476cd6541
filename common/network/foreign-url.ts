/** What servers take in a request line at least (RFC 9112 3): links with signatures are long. */
export const MAX_URL_BYTES = 8192

export const WEB = ['http:', 'https:'] as const
export const TRACKER = ['udp:', 'http:', 'https:', 'ws:', 'wss:'] as const

const CONTROL = /\p{Cc}/u

/**
 * Whether a text from outside is an absolute URL of one of these schemes, without user name,
 * password or control characters, of at most 8 KiB, and well-formed: half of a character has no bytes, so
 * other programs would see another address, or throw. Only the text is looked at: an address of the own
 * network passes. Whether we may connect there is checked when we do: address-rules.ts has the rule,
 * checked-lookup.ts asks it for every address of a host's name.
 */
export function isForeignUrl(text: string, protocols: readonly string[]): boolean {
  if (Buffer.byteLength(text) > MAX_URL_BYTES || !text.isWellFormed()) return false
  if (CONTROL.test(text) || text !== text.trim()) return false
  // The URL parser accepts `http:host` and `http:\\host`, but other programs may read these
  // otherwise.
  if (!/^[a-z]+:\/\/[^/\\]/i.test(text)) return false
  const url = URL.parse(text)
  if (!url || !protocols.includes(url.protocol)) return false
  return url.hostname !== '' && url.username === '' && url.password === ''
}

/** Blanks and control characters, a NUL for instance, that writers leave around a URL. */
const AROUND = /[\s\p{Cc}\u200b]/u

function withoutBlanks(text: string): string {
  let [from, to] = [0, text.length]
  while (from < to && AROUND.test(text[from] ?? '')) from++
  while (to > from && AROUND.test(text[to - 1] ?? '')) to--
  return text.slice(from, to)
}

/** The valid URLs in their order, without blanks around them, each once, at most `max`. */
export function keepUrls(
  texts: Iterable<string>,
  protocols: readonly string[],
  max: number,
): string[] {
  const kept = new Set<string>()
  for (const text of texts) {
    if (kept.size === max) break
    // Longer ones are refused anyway, and cost nothing before that.
    const url = text.length > MAX_URL_BYTES * 2 ? text : withoutBlanks(text)
    if (isForeignUrl(url, protocols)) kept.add(url)
  }
  return [...kept]
}
