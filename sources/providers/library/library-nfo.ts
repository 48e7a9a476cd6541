import { open } from 'node:fs/promises'
import { ownFile } from '../../../common/own-file.ts'
import { stemOf } from './library-names.ts'

/** Those of media centres hold casts and plots too; the ids stand in front or behind. */
const MAX_BYTES = 256 * 1024
/** Where media centres write the id of a title, and the address that release notes have. */
const ID =
  /<uniqueid[^<>]{0,100}type="imdb"[^<>]{0,100}>\s{0,10}(tt\d{7,10})\s{0,10}<|<(?:imdbid|imdb_id|id)>\s{0,10}(tt\d{7,10})\s{0,10}<|imdb\.com\/title\/(tt\d{7,10})/gi
/** The id in it is that of the episode, not of its series. */
const OF_EPISODE = /<episodedetails/i
const EPISODE_NAME = /s\d{1,4}[ ._-]?e\d|\d{1,2}x\d\d/i

/** Names of the files that may say which title a folder is, and which its videos are. */
export function nfoNames(names: readonly string[], videos: readonly string[]): readonly string[] {
  const stems = new Set(videos.map((name) => stemOf(name).toLowerCase()))
  return names.filter((name) => {
    const stem = stemOf(name).toLowerCase()
    return isOfFolder(name) || (stems.has(stem) && !EPISODE_NAME.test(stem))
  })
}

/** `tvshow.nfo` and `movie.nfo` are of the whole folder, any other of the video beside it. */
export const isOfFolder = (name: string): boolean => /^(?:tvshow|movie)\.nfo$/i.test(name)

/** The IMDb id in such a file; undefined when there is none, or several, or it cannot be read. */
export async function idInNfo(path: string): Promise<string | undefined> {
  const text = await beginningOf(path).catch(() => '')
  if (OF_EPISODE.test(text)) return undefined
  const found = [...text.matchAll(ID)].map(([, unique, plain, link]) => unique ?? plain ?? link)
  const ids = new Set(found.map((id) => id?.toLowerCase()))
  return ids.size === 1 ? [...ids][0] : undefined
}

async function beginningOf(path: string): Promise<string> {
  const handle = await open(path, ownFile.read)
  try {
    const { size } = await handle.stat()
    const into = Buffer.alloc(Math.min(size, MAX_BYTES))
    const { bytesRead } = await handle.read(into, 0, into.length, 0)
    return into.toString('utf8', 0, bytesRead)
  } finally {
    await handle.close()
  }
}
