import { RUNGS, type Rung } from '../../media/film/rungs.ts'

/** Of what something is: an audio track, the picture as it is (neither), or encoded. */
interface OfTrack {
  readonly track: number | undefined
  /** Converted to six channels; absent: to stereo. */
  readonly isSurround?: true | undefined
  /** Lines that the encoded picture has at most. */
  readonly rung?: Rung | undefined
}

/** A playlist, and what it is made of. */
export type PartOfTrack =
  | ({ readonly kind: 'playlist' } & OfTrack)
  | ({ readonly kind: 'init' } & OfTrack)
  | ({ readonly kind: 'segment'; readonly n: number } & OfTrack)

/** What a browser may ask for of a film. */
export type FilmPart =
  /** What it is, as JSON: for the page that plays it. */
  | { readonly kind: 'film' }
  /** `picture`: what the browser has said to take; undefined: it has not. `isSurround`: six channels too. */
  | {
      readonly kind: 'master'
      readonly picture?: 'copied' | 'encoded' | undefined
      readonly isSurround?: true | undefined
    }
  | PartOfTrack
  /** Of subtitles. */
  | { readonly kind: 'textPlaylist'; readonly track: number }
  | { readonly kind: 'text'; readonly track: number; readonly n: number }

/** Five digits: a day of segments of six seconds has fewer. */
const NAME =
  /^(?:video|(?<sound>audio|surround)-(?<track>\d{1,10})|encoded-(?<lines>\d{3}))(?:\.m3u8|-init\.mp4|-(?<segment>\d{1,5})\.m4s)$/

const MASTER_NAME = /^master-(?<picture>copied|encoded)(?<surround>-surround)?\.m3u8$/

const TEXT_NAME = /^text-(\d{1,10})(?:\.m3u8|-(\d{1,5})\.vtt)$/

/** The last part of an address of /hls; undefined: there is no such part. */
export function parseFilmPart(name: string): FilmPart | undefined {
  if (name === 'film.json') return { kind: 'film' }
  if (name === 'master.m3u8') return { kind: 'master' }
  const { picture, surround } = MASTER_NAME.exec(name)?.groups ?? {}
  if (picture === 'copied' || picture === 'encoded') {
    return { kind: 'master', picture, ...(surround && { isSurround: true }) }
  }
  if (name.startsWith('text-')) return parseTextPart(name)
  const groups = NAME.exec(name)?.groups
  if (!groups) return undefined
  const { sound, track: id, lines, segment } = groups
  const track = id === undefined ? undefined : Number(id)
  const rung = RUNGS.find((one) => String(one) === lines)
  if (id !== undefined && String(track) !== id) return undefined
  if (lines !== undefined && rung === undefined) return undefined
  const isSurround = sound === 'surround' && ({ isSurround: true } as const)
  const of = { track, ...(rung && { rung }), ...isSurround }
  if (name.endsWith('.m3u8')) return { kind: 'playlist', ...of }
  if (name.endsWith('-init.mp4')) return { kind: 'init', ...of }
  const n = Number(segment)
  return String(n) === segment ? { kind: 'segment', ...of, n } : undefined
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
