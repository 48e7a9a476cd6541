import { BadValue, type Parse } from './bad-value.ts'

/** Addons keep their settings in the path. */
const MAX_ADDRESS = 8192

/**
 * URLs separated by spaces. They hold keys, so a fault names an entry by its place and its host
 * alone. `#name` at the end is what lists call it; `stremio://`, as install links write it, is https.
 */
const webUrls =
  (finish: (url: URL) => URL | undefined, otherwise = ''): Parse<readonly string[]> =>
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
      if (url.href.length > MAX_ADDRESS) throw new BadValue(`has more than 8 KiB in ${where}.`)
      if (/[,;](?:https?|stremio):\/\//i.test(entry)) {
        throw new BadValue(`must hold URLs separated by spaces alone; ${where} has several.`)
      }
      const whole = finish(url)
      if (!whole) throw new BadValue(`${otherwise}; ${where} is one.`)
      return whole.href
    })
    // A provider asked twice would only list everything twice.
    return [...new Set(urls)]
  }

/** Addresses as they are, of Torznab APIs and feeds. */
export const providerUrls = webUrls((url) => url)

/** Manifests of other addons, or the address before `/manifest.json`. */
export const addonUrls = webUrls((url) => {
  const path = url.pathname.replace(/(?<!\/)\/+$/, '')
  if (path.endsWith('/configure')) return undefined
  const base = path.replace(/\/manifest\.json$/, '')
  url.pathname = `${base.replace(/(?<!\/)\/+$/, '')}/manifest.json`
  return url
}, 'must hold addresses of manifests, not of pages to configure an addon')

/** Base of a service, without a slash at its end. */
export const serviceUrl: Parse<string> = (text) => {
  const url = URL.parse(text)
  if (!url || !/^https?:$/.test(url.protocol) || url.username || url.password) {
    throw new BadValue('must be an http or https URL without a user name.')
  }
  if (/[?#]/.test(text)) throw new BadValue('must have no "?" and no "#".')
  if (url.href.length > MAX_ADDRESS) throw new BadValue('must have at most 8 KiB.')
  return url.origin + url.pathname.replace(/(?<!\/)\/+$/, '')
}

/** The same, or `off`: undefined. */
export const serviceUrlOrOff: Parse<string | undefined> = (text, cwd) =>
  text.toLowerCase() === 'off' ? undefined : serviceUrl(text, cwd)
