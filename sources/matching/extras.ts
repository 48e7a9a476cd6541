/** Folders without episodes, at any depth. */
const EXTRAS_FOLDER =
  /^(?:samples?|proofs?|screens?|screenshots?|extras?(?: dis[ck])?|bonus(?:es)?(?: dis[ck]s?)?|featurettes?|trailers?|interviews?|deleted scenes?|behind the scenes|special features|nc|ncs|creditless)$/i
const SAMPLE = /(?<!(?:^|[^a-z])the[^a-z])(?<![a-z])sample(?:[^a-z]|$)/i
/**
 * At the end, or with only technical words behind it: `Trailer Park Boys S01E01` is not a trailer.
 * A row of digits can match in one way only; otherwise a name of 60 digits would take years.
 */
const EXTRA =
  /(?<![a-z])(?:trailer|teaser|featurette|deleted[ ._-]scenes?|behind[ ._-]the[ ._-]scenes|making[ ._-]of|interview|commentary|bloopers|gag[ ._-]reel)s?(?:[\W_]*(?:\d+(?![\dpi])|\d{3,}[pi]|hd|x26[45]|web|bluray))*[\W_]*$/i
/** An episode's own name: `S04E24 The Interview`, `1x05 Exit Interview`, `S01E03 - The Trailer`. */
const EPISODE_NAME =
  /(?:s\d{1,4}[ ._-]{0,3}e|\dx)\d{2,4}.{0,200}[^a-z](?:interview|the[ ._-](?:trailer|teaser|commentary))(?![a-z])/i
const CREDITLESS = /(?<![a-z])nc(?:op|ed)\s*\d*(?![a-z])|(?<![a-z])creditless(?![a-z])/i
/** The menus of a DVD; its film is in `VTS_01_1.VOB` and those behind it. */
const DVD_MENU = /^(?:video_ts|vts_\d\d_0)$/i

/** Nobody has more; a pack may have 20,000 paths of a thousand. */
const MOST_FOLDERS = 12

/** Whether a video's path says that it is no film or episode: a sample, a trailer, a menu. */
export function isExtra(path: string): boolean {
  const segments = path
    .split('/')
    .slice(-MOST_FOLDERS)
    .map((segment) => segment.slice(0, 255))
  const stem = (segments.pop() ?? '').replace(/\.[a-z0-9]{2,4}$/i, '')
  if (segments.some((segment) => EXTRAS_FOLDER.test(segment.trim().replace(/[._]/g, ' '))))
    return true
  if (EXTRA.test(stem) && !EPISODE_NAME.test(stem)) return true
  return SAMPLE.test(stem) || CREDITLESS.test(stem) || DVD_MENU.test(stem)
}
