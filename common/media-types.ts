/**
 * Media types by file extension. It is a table of our own, so that the type never depends on a
 * library's guess or on the bytes of a file (`nosniff` is sent with it). `.ts` is an MPEG stream
 * here.
 */
const VIDEO: Readonly<Record<string, string>> = {
  mp4: 'video/mp4',
  m4v: 'video/mp4',
  f4v: 'video/mp4',
  mkv: 'video/x-matroska',
  mk3d: 'video/x-matroska',
  webm: 'video/webm',
  avi: 'video/x-msvideo',
  divx: 'video/x-msvideo',
  xvid: 'video/x-msvideo',
  mov: 'video/quicktime',
  qt: 'video/quicktime',
  ts: 'video/mp2t',
  m2ts: 'video/mp2t',
  mts: 'video/mp2t',
  m2t: 'video/mp2t',
  tp: 'video/mp2t',
  trp: 'video/mp2t',
  mpg: 'video/mpeg',
  mpeg: 'video/mpeg',
  mpe: 'video/mpeg',
  mpv: 'video/mpeg',
  m1v: 'video/mpeg',
  m2v: 'video/mpeg',
  m2p: 'video/mpeg',
  vob: 'video/mpeg',
  evo: 'video/mpeg',
  wmv: 'video/x-ms-wmv',
  asf: 'video/x-ms-asf',
  flv: 'video/x-flv',
  ogv: 'video/ogg',
  ogm: 'video/ogg',
  rm: 'application/vnd.rn-realmedia',
  rmvb: 'application/vnd.rn-realmedia-vbr',
  '3gp': 'video/3gpp',
  '3g2': 'video/3gpp2',
}

const SUBTITLE: Readonly<Record<string, string>> = {
  srt: 'application/x-subrip; charset=utf-8',
  vtt: 'text/vtt; charset=utf-8',
  ass: 'text/x-ssa; charset=utf-8',
  ssa: 'text/x-ssa; charset=utf-8',
  sub: 'text/plain; charset=utf-8',
}

/** Without a charset: Stremio compares the whole value. */
const PLAYLIST: Readonly<Record<string, string>> = { m3u8: 'application/vnd.apple.mpegurl' }

const UNKNOWN = 'application/octet-stream'

/** The file's extension in lower case, without the dot; empty when it has none. */
export function extension(path: string): string {
  const name = path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1)
  const dot = name.lastIndexOf('.')
  return dot > 0 ? name.slice(dot + 1).toLowerCase() : ''
}

export const isVideo = (path: string): boolean => Object.hasOwn(VIDEO, extension(path))
export const isSubtitle = (path: string): boolean => Object.hasOwn(SUBTITLE, extension(path))

/** The extension of a video's type, without the dot; undefined for a type that is not in the table. */
export const videoExtension = (type: string): string | undefined =>
  Object.entries(VIDEO).find(([, known]) => known === type)?.[0]

/** The Content-Type; `application/octet-stream` for an extension that is not in the tables. */
export function mediaType(path: string): string {
  const ext = extension(path)
  for (const table of [VIDEO, SUBTITLE, PLAYLIST]) {
    if (Object.hasOwn(table, ext)) return table[ext] ?? UNKNOWN
  }
  return UNKNOWN
}

/** The name of a file or folder, of its path with `/` between segments. */
export const lastSegment = (path: string): string => path.slice(path.lastIndexOf('/') + 1)
