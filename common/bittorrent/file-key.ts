/**
 * Names the bytes of one file of a torrent: `<info hash, 40 lower-case hex>/<file index>`. It is
 * the same whatever title or source led to the file, so there is one download and one copy of it.
 */
export type FileKey = `${string}/${number}`

/** The info hash and the file index of such a name. */
export const FILE_KEY = /^([0-9a-f]{40})\/(0|[1-9]\d{0,4})$/

export const fileKey = (infoHash: string, fileIdx: number): FileKey => `${infoHash}/${fileIdx}`

/** Splits a key that was read from disk or a backend; undefined when the text is not a key. */
export function parseFileKey(text: string): { infoHash: string; fileIdx: number } | undefined {
  const match = FILE_KEY.exec(text)
  return match?.[1] && match[2] ? { infoHash: match[1], fileIdx: Number(match[2]) } : undefined
}

/** The file's strong entity tag (RFC 9110 8.8.3), the same on every node. */
export const fileEtag = (key: FileKey): string => `"${key.replace('/', '-')}"`

/** The key in such a tag; undefined when it is another one. */
export function parseEtag(etag: string): FileKey | undefined {
  const text = /^"([0-9a-f]{40}-\d{1,5})"$/.exec(etag)?.[1]?.replace('-', '/')
  const parsed = text === undefined ? undefined : parseFileKey(text)
  return parsed && fileKey(parsed.infoHash, parsed.fileIdx)
}
