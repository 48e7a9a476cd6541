import { BadValue, type Parse } from './bad-value.ts'

/**
 * URLs separated by spaces. They hold keys, so a fault names an entry by its place and its host
 * alone. `#name` at the end is what lists call it.
 */
const webUrls =
  (check: (url: URL) => string | undefined): Parse<readonly string[]> =>
  (text) => {
    const entries = text.split(/\s+/).filter((entry) => entry !== '')
    if (entries.length === 0) throw new BadValue('must name at least one URL.')
    const urls = entries.map((entry, at) => {
      const url = URL.parse(entry.replace(/^stremio:\/\//i, 'https://'))
      const where = `entry ${at + 1}${url?.host ? ` (host ${url.host})` : ''}`
      if (!url || !/^https?:$/.test(url.protocol) || url.hostname === '') {
        throw new BadValue(`must hold http or https URLs separated by spaces; ${where} is none.`)
      }
      if (url.username || url.password) {
        throw new BadValue(`must not hold a user name or a password; ${where} does.`)
      }
      if (url.href.length > 2048) throw new BadValue(`has more than 2 KiB in ${where}.`)
      const wrong = check(url)
      if (wrong !== undefined) throw new BadValue(`${wrong}; ${where} is not one.`)
      return url.href
    })
    // A provider asked twice would only list everything twice.
    return [...new Set(urls)]
  }

/** Manifests of other addons; `stremio://` as install links write it is https. */
export const addonUrls = webUrls(({ pathname }) =>
  pathname.endsWith('/manifest.json')
    ? undefined
    : 'must hold addresses of manifests, which end with "/manifest.json"',
)

export const torznabUrls = webUrls(({ pathname }) =>
  /\/api\/?$|\/torznab\/?$/.test(pathname)
    ? undefined
    : 'must hold addresses of Torznab APIs, whose path ends with "/api"',
)

export const feedUrls = webUrls(() => undefined)

/** Base of a service, without a slash at its end. */
export const serviceUrl: Parse<string> = (text) => {
  const url = URL.parse(text)
  if (!url || !/^https?:$/.test(url.protocol) || url.username || url.password) {
    throw new BadValue('must be an http or https URL without a user name.')
  }
  if (/[?#]/.test(text)) throw new BadValue('must have no "?" and no "#".')
  return url.origin + url.pathname.replace(/\/+$/, '')
}

/** The same, or `off`: undefined. */
export const serviceUrlOrOff: Parse<string | undefined> = (text, cwd) =>
  text.toLowerCase() === 'off' ? undefined : serviceUrl(text, cwd)
