/**
 * Extension -> media type: our own table, so that what a browser is told never depends on a
 * library's guess or on the bytes (`nosniff` is sent beside it). `.ts` is MPEG here.
 */
const VIDEO: Readonly<Record<string, string>> = {
  mp4: 'video/mp4',
  m4v: 'video/mp4',
  mkv: 'video/x-matroska',
  webm: 'video/webm',
  avi: 'video/x-msvideo',
  mov: 'video/quicktime',
  ts: 'video/mp2t',
  m2ts: 'video/mp2t',
  mts: 'video/mp2t',
  mpg: 'video/mpeg',
  mpeg: 'video/mpeg',
  wmv: 'video/x-ms-wmv',
  flv: 'video/x-flv',
  ogv: 'video/ogg',
  '3gp': 'video/3gpp',
}

const SUBTITLE: Readonly<Record<string, string>> = {
  srt: 'application/x-subrip; charset=utf-8',
  vtt: 'text/vtt; charset=utf-8',
  ass: 'text/x-ssa; charset=utf-8',
  ssa: 'text/x-ssa; charset=utf-8',
  sub: 'text/plain; charset=utf-8',
}

/** Stremio compares this one exactly: no charset. */
const PLAYLIST: Readonly<Record<string, string>> = { m3u8: 'application/vnd.apple.mpegurl' }

const UNKNOWN = 'application/octet-stream'

/** Lower case, without the dot; empty when there is none. */
export function extension(path: string): string {
  const name = path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1)
  const dot = name.lastIndexOf('.')
  return dot > 0 ? name.slice(dot + 1).toLowerCase() : ''
}

export const isVideo = (path: string): boolean => Object.hasOwn(VIDEO, extension(path))
export const isSubtitle = (path: string): boolean => Object.hasOwn(SUBTITLE, extension(path))

/** Value for Content-Type; `application/octet-stream` when the table does not know the extension. */
export function mediaType(path: string): string {
  const ext = extension(path)
  for (const table of [VIDEO, SUBTITLE, PLAYLIST]) {
    if (Object.hasOwn(table, ext)) return table[ext] ?? UNKNOWN
  }
  return UNKNOWN
}
