/** What a browser may ask for of a film; `track` undefined: of the picture. */
export type FilmPart =
  /** What it is, as JSON: for the page that plays it. */
  | { readonly kind: 'film' }
  | { readonly kind: 'master' }
  | { readonly kind: 'playlist'; readonly track: number | undefined }
  | { readonly kind: 'init'; readonly track: number | undefined }
  | { readonly kind: 'segment'; readonly track: number | undefined; readonly n: number }

/** Five digits: a day of segments of six seconds has fewer. */
const NAME = /^(video|audio-(\d{1,10}))(?:\.m3u8|-init\.mp4|-(\d{1,5})\.m4s)$/

/** The last part of an address of /hls; undefined: there is no such part. */
export function parseFilmPart(name: string): FilmPart | undefined {
  if (name === 'film.json') return { kind: 'film' }
  if (name === 'master.m3u8') return { kind: 'master' }
  const [, , id, segment] = NAME.exec(name) ?? []
  const track = id === undefined ? undefined : Number(id)
  if (!NAME.test(name) || (id !== undefined && String(track) !== id)) return undefined
  if (name.endsWith('.m3u8')) return { kind: 'playlist', track }
  if (name.endsWith('-init.mp4')) return { kind: 'init', track }
  const n = Number(segment)
  return String(n) === segment ? { kind: 'segment', track, n } : undefined
}

const TYPES: Readonly<Record<FilmPart['kind'], string>> = {
  film: 'application/json; charset=utf-8',
  master: 'application/vnd.apple.mpegurl',
  playlist: 'application/vnd.apple.mpegurl',
  init: 'video/mp4',
  segment: 'video/mp4',
}

/** Its media type. */
export function typeOf(part: FilmPart): string {
  const isAudio = 'track' in part && part.track !== undefined && part.kind !== 'playlist'
  return isAudio ? 'audio/mp4' : TYPES[part.kind]
}
