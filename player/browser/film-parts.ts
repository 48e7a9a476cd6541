/** What a browser may ask for of a film; `track` undefined: of the picture. */
export type FilmPart =
  /** What it is, as JSON: for the page that plays it. */
  | { readonly kind: 'film' }
  | { readonly kind: 'master' }
  | { readonly kind: 'playlist'; readonly track: number | undefined }
  | { readonly kind: 'init'; readonly track: number | undefined }
  | { readonly kind: 'segment'; readonly track: number | undefined; readonly n: number }
  /** Of subtitles. */
  | { readonly kind: 'textPlaylist'; readonly track: number }
  | { readonly kind: 'text'; readonly track: number; readonly n: number }

/** Five digits: a day of segments of six seconds has fewer. */
const NAME = /^(video|audio-(\d{1,10}))(?:\.m3u8|-init\.mp4|-(\d{1,5})\.m4s)$/

const TEXT_NAME = /^text-(\d{1,10})(?:\.m3u8|-(\d{1,5})\.vtt)$/

/** The last part of an address of /hls; undefined: there is no such part. */
export function parseFilmPart(name: string): FilmPart | undefined {
  if (name === 'film.json') return { kind: 'film' }
  if (name === 'master.m3u8') return { kind: 'master' }
  if (name.startsWith('text-')) return parseTextPart(name)
  const [, , id, segment] = NAME.exec(name) ?? []
  const track = id === undefined ? undefined : Number(id)
  if (!NAME.test(name) || (id !== undefined && String(track) !== id)) return undefined
  if (name.endsWith('.m3u8')) return { kind: 'playlist', track }
  if (name.endsWith('-init.mp4')) return { kind: 'init', track }
  const n = Number(segment)
  return String(n) === segment ? { kind: 'segment', track, n } : undefined
}

function parseTextPart(name: string): FilmPart | undefined {
  const [, id, segment] = TEXT_NAME.exec(name) ?? []
  const track = Number(id)
  if (String(track) !== id) return undefined
  if (segment === undefined) return { kind: 'textPlaylist', track }
  const n = Number(segment)
  return String(n) === segment ? { kind: 'text', track, n } : undefined
}

const TYPES: Readonly<Record<FilmPart['kind'], string>> = {
  film: 'application/json; charset=utf-8',
  master: 'application/vnd.apple.mpegurl',
  playlist: 'application/vnd.apple.mpegurl',
  textPlaylist: 'application/vnd.apple.mpegurl',
  text: 'text/vtt; charset=utf-8',
  init: 'video/mp4',
  segment: 'video/mp4',
}

/** Its media type. */
export function typeOf(part: FilmPart): string {
  const isMedia = part.kind === 'init' || part.kind === 'segment'
  return isMedia && part.track !== undefined ? 'audio/mp4' : TYPES[part.kind]
}
