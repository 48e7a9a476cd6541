/** Names of query parameters and the like whose values are credentials. */
const NAMES =
  '(?:\\w{1,40}_)?api_?key|passkey|pass|passwd|pwd|password|torrent_pass|token|(?:access|auth|api|session)_?token|auth|authkey|rsskey|key|access_?key|secret|client_secret|jwt|session|session_?id|(?:real|all|easy)debrid|debridlink|premiumize|torbox|offcloud|putio'
const WHOLE = new RegExp(`^(?:${NAMES})$`, 'i')
/** In a query, a fragment, or parameters of a path (`;key=`), also those of an address in an address. */
const STATED = new RegExp(`[?&;#/|](?:${NAMES})=[^&;#/|\\s]`, 'i')
const VALUES = new RegExp(`([?&;#|](?:${NAMES})=)[^&;#|\\s"'<>\\\\]+`, 'gi')
/** Before the host (RFC 3986 3.2.1). */
const USER_INFO = /(:\/\/)[^\s/@"'<>\\]{1,500}@/g

export const isCredential = (name: string): boolean => WHOLE.test(name)

/** The text itself, and what it is when its percent signs are read, three times at most. */
export function readings(text: string): readonly string[] {
  const all = [text]
  for (let i = 0; i < 3; i++) {
    const last = all[i] ?? ''
    if (!last.includes('%')) break
    // By hand: decodeURIComponent gives up where one percent sign stands alone.
    const next = last.replace(/%([0-9a-f]{2})/gi, (_, hex: string) =>
      String.fromCharCode(Number.parseInt(hex, 16)),
    )
    if (next === last) break
    all.push(next)
  }
  return all
}

/** Whether an address says a credential of any kind: then no viewer may see it. */
export const holdsCredential = (address: string): boolean => {
  const url = URL.parse(address)
  if (url && (url.username !== '' || url.password !== '')) return true
  return readings(address).some((text) => STATED.test(text))
}

/** A line for the log without the values of credentials in the addresses it quotes. */
export const withoutCredentials = (line: string): string =>
  line.includes('://') || line.includes('=')
    ? line.replace(USER_INFO, '$1[secret]@').replace(VALUES, '$1[secret]')
    : line
