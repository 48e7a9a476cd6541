/** More, or longer ones, only fill a request. */
const MOST = 20
const MAX_BYTES = 4096
/** What a cookie may be made of (RFC 6265 4.1.1); spaces, quotes and commas within values are common. */
const PAIR = /^([!#$%&'*+.^_`|~\dA-Za-z-]{1,200})=([ !-:<-~]*)$/

/**
 * Cookies that servers set while one request is redirected: some send everybody back to the same address with one, and
 * answer whoever brings it. Each goes back to the origin that set it alone, and all are forgotten with the request.
 */
export class RedirectCookies {
  readonly #byOrigin = new Map<string, Map<string, string>>()

  take({ origin }: URL, headers: readonly string[] = []): void {
    const own = this.#byOrigin.get(origin) ?? new Map<string, string>()
    this.#byOrigin.set(origin, own)
    for (const header of headers) {
      const [pair = ''] = header.split(';', 1)
      const [, name, value] = PAIR.exec(pair.trim()) ?? []
      if (name === undefined || value === undefined || pair.length > MAX_BYTES) continue
      if (isOver(header)) own.delete(name)
      else if (own.size < MOST || own.has(name)) own.set(name, value)
    }
  }

  /** The headers with the cookies of that origin, also in place of those of the same names. */
  addTo(
    headers: Readonly<Record<string, string>>,
    { origin }: URL,
  ): Readonly<Record<string, string>> {
    const set = this.#byOrigin.get(origin)
    if (!set || set.size === 0) return headers
    const known = Object.keys(headers).find((name) => name.toLowerCase() === 'cookie')
    const given = (known === undefined ? '' : (headers[known] ?? ''))
      .split(/;\s*/)
      .filter((pair) => pair !== '' && !set.has(pair.split('=', 1)[0] ?? ''))
    const cookie = [...given, ...[...set].map((pair) => pair.join('='))].join('; ')
    return cookie.length > MAX_BYTES ? headers : { ...headers, [known ?? 'cookie']: cookie }
  }
}

/** A server takes a cookie back so (RFC 6265 5.2.1, 5.2.2). */
function isOver(header: string): boolean {
  const seconds = /;\s*max-age=(-?\d{1,12})\s*(?:;|$)/i.exec(header)?.[1]
  const date = /;\s*expires=([^;]{1,60})/i.exec(header)?.[1]
  return seconds === undefined ? Date.parse(date ?? '') < Date.now() : Number(seconds) <= 0
}
