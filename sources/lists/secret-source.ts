import { extension, isVideo, lastSegment } from '../../common/media-types.ts'
import { percentDecoded } from '../../common/network/percent-decoded.ts'
import type { Secrets } from '../../common/secrets/secrets.ts'
import type { Source } from '../source.ts'

/** Of a link, whether the server plays it itself; `unfit`: it must not be handed out, nor can that be done. */
export type LinkUse = 'redirect' | 'relay' | 'unfit'

/** DIRECT: what becomes of a link that viewers may learn. */
export type DirectUse = 'redirect' | 'relay' | 'cache'

/** They name further addresses, which only their own server can tell. */
const PLAYLISTS = new Set(['m3u8', 'm3u', 'mpd', 'ism'])

/**
 * What a viewer may learn of a source. A link with a key, or with headers of its own, is relayed:
 * neither of them leaves the server (docs/decisions/0021-secrets-stay.md). Keys in its texts are
 * covered.
 */
export function withoutSecrets(
  secrets: Secrets,
  source: Source,
  direct: DirectUse = 'redirect',
): { source: Source; use: LinkUse } {
  const use = useOf(secrets, source, direct)
  const named = use === 'relay' ? { ...source, ...nameOfLink(source) } : source
  const isOpen = use !== 'relay' && direct === 'redirect'
  return { source: withSubtitles(secrets, coveredTexts(secrets, named), isOpen), use }
}

function useOf(secrets: Secrets, { locator, proxyHeaders }: Source, direct: DirectUse): LinkUse {
  if (locator.kind !== 'url') return 'redirect'
  const isPlaylist = PLAYLISTS.has(extension(URL.parse(locator.url)?.pathname ?? ''))
  const isSecret = proxyHeaders !== undefined || secrets.isSecretAddress(locator.url)
  if (isSecret) return isPlaylist ? 'unfit' : 'relay'
  return isPlaylist || direct === 'redirect' ? 'redirect' : 'relay'
}

/** Which of its subtitles viewers may ask for where they are. */
function withSubtitles(secrets: Secrets, source: Source, isOpen: boolean): Source {
  if (!source.subtitles) return source
  const subtitles = source.subtitles.map((one) => ({
    ...one,
    isRelayed: !isOpen || one.request !== undefined || secrets.isSecretAddress(one.url),
  }))
  return { ...source, subtitles }
}

/** Said here, because nobody who makes a name of it later knows what in a link is secret. */
function nameOfLink({ filename, locator }: Source): Pick<Source, 'filename'> {
  if (filename !== undefined || locator.kind !== 'url') return {}
  const path = URL.parse(locator.url)?.pathname ?? ''
  const last = lastSegment(path)
  return isVideo(last) ? { filename: percentDecoded(last) } : {}
}

function coveredTexts(secrets: Secrets, source: Source): Source {
  const { label, quality, filename, licence, languages, selector } = source
  const texts = [label, quality, filename, licence, selector.file, ...(languages ?? [])]
  if (!secrets.carriesSecret(texts.filter((text) => text !== undefined).join('\n'))) return source
  const covered = (text: string): string => secrets.covered(text)
  return {
    ...source,
    ...(label !== undefined && { label: covered(label) }),
    ...(quality !== undefined && { quality: covered(quality) }),
    ...(filename !== undefined && { filename: covered(filename) }),
    ...(licence !== undefined && { licence: covered(licence) }),
    ...(languages !== undefined && { languages: languages.map(covered) }),
  }
}
