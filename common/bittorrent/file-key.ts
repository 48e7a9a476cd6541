/** The one name of a file's bytes: `<info hash, 40 lower-case hex>/<file index>` (docs/architecture.md). */
export type FileKey = `${string}/${number}`

const KEY = /^([0-9a-f]{40})\/(0|[1-9]\d{0,4})$/

export const fileKey = (infoHash: string, fileIdx: number): FileKey => `${infoHash}/${fileIdx}`

/** Splits a key that came from disk or a backend; undefined when it is not one. */
export function parseFileKey(text: string): { infoHash: string; fileIdx: number } | undefined {
  const match = KEY.exec(text)
  return match?.[1] && match[2] ? { infoHash: match[1], fileIdx: Number(match[2]) } : undefined
}

/** Strong validator of a content, equal on every node. */
export const fileEtag = (key: FileKey): string => `"${key.replace('/', '-')}"`
