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
      if (own.size < MOST || own.has(name)) own.set(name, value)
    }
  }

  /** The headers with the cookies of that origin behind those that they have. */
  addTo(
    headers: Readonly<Record<string, string>>,
    { origin }: URL,
  ): Readonly<Record<string, string>> {
    const own = [...(this.#byOrigin.get(origin) ?? [])].map(([name, value]) => `${name}=${value}`)
    if (own.length === 0) return headers
    const known = Object.keys(headers).find((name) => name.toLowerCase() === 'cookie')
    const cookie = [...(known ? [headers[known]] : []), ...own].join('; ')
    return cookie.length > MAX_BYTES ? headers : { ...headers, [known ?? 'cookie']: cookie }
  }
}
