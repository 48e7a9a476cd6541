import type { ArchiveHit } from './archive-api.ts'

/** Collections of films that the archive's own curators chose as free to share. */
const CURATED = ['feature_films', 'silent_films', 'prelinger', 'classic_cartoons', 'film_noir']
const STREAM_ONLY = ['stream_only', 'inlibrary', 'no-download']

/**
 * The licence in a few words; undefined when nothing says that the film is free. Anybody may upload
 * anything to the archive, so a film without a licence is only listed from a curated collection.
 */
export function freeLicence({ licenceUrl, collections }: ArchiveHit): string | undefined {
  const lower = collections.map((name) => name.toLowerCase())
  if (lower.some((name) => STREAM_ONLY.includes(name))) return undefined
  const named = licenceUrl === undefined ? undefined : licenceNamed(licenceUrl)
  if (named !== undefined) return named
  const curated = lower.find((name) => CURATED.includes(name))
  return curated && `chosen by the Internet Archive (${curated})`
}

/** creativecommons.org/licenses/by-sa/3.0/ -> `CC-BY-SA-3.0`. */
function licenceNamed(address: string): string | undefined {
  const url = URL.parse(address)
  if (!url || !/^(?:www\.)?creativecommons\.org$/.test(url.hostname)) return undefined
  const [, kind, name = '', version] =
    /^\/(licenses|publicdomain)\/([a-z-]{1,20})(?:\/(\d\.\d))?/i.exec(url.pathname) ?? []
  if (kind === 'publicdomain' || name === 'publicdomain') {
    return name === 'zero' ? 'CC0' : 'public domain'
  }
  if (!/^by(?:-|$)/.test(name)) return undefined
  return `CC-${name.toUpperCase()}${version ? `-${version}` : ''}`
}
