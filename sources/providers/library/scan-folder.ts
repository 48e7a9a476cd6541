import { lstat, opendir } from 'node:fs/promises'
import { join } from 'node:path'
import { lastSegment } from '../../../common/media-types.ts'
import { wordsOf } from '../../matching/titles/title-key.ts'
import { articleFirst, idIn, isFilmFile, isHidden, stemOf } from './library-names.ts'
import { idInNfo, isOfFolder, nfoNames } from './library-nfo.ts'

/** A video of the library, as its folder names it. */
export interface ScannedVideo {
  readonly name: string
  /** Its words as names are compared, a blank before, between and behind them. */
  readonly words: string
  /** The IMDb id that its name or a file beside it gives. */
  readonly id: string | undefined
}

export interface ScannedFolder {
  /** When it was changed last; empty when that is too fresh to tell the next change by. */
  readonly stamp: string
  /** Of its whole path. */
  readonly words: string
  /** The IMDb id of its own name, or of a file in it. */
  readonly id: string | undefined
  readonly videos: readonly ScannedVideo[]
  /** Names of the folders in it. */
  readonly folders: readonly string[]
}

/** By path below the root, `/` between segments; the root itself is ''. */
export type ScannedFolders = ReadonlyMap<string, ScannedFolder>

export interface Scan {
  readonly folders: ScannedFolders
  readonly videos: number
  /** Folders that could not be read, with the system's code. */
  readonly unread: readonly { readonly path: string; readonly code: string }[]
  /** There is more than the limits let be listed. */
  readonly isCut: boolean
}

/** Folders in folders. */
const MAX_DEPTH = 10
const MAX_FOLDERS = 50_000
const MAX_VIDEOS = 100_000
/** Names in one folder. */
const MAX_NAMES = 50_000
/** Read from the system in one go. */
const NAMES_AT_ONCE = 128
/** Clocks of file systems are this coarse: a folder that changed just now may change again unseen. */
const SETTLED_MS = 3000

export interface ScanOptions {
  /** What was found the last time: folders that have not changed since are not read again. */
  readonly known: ScannedFolders
  /** Only these can have changed; undefined: any. */
  readonly changed?: ReadonlySet<string> | undefined
  readonly now: number
  readonly signal: AbortSignal
}

/**
 * Finds the videos below a folder by names alone: no file but small `.nfo` is opened. Links to folders are
 * not followed: what they lead to inside of the root is found there. Always between turns of the event loop.
 * @param root without links
 * @throws the system's error when the root itself cannot be read
 */
export async function scanFolder(root: string, options: ScanOptions): Promise<Scan> {
  const folders = new Map<string, ScannedFolder>()
  const unread: { path: string; code: string }[] = []
  const waiting = ['']
  let videos = 0
  let isCut = false
  for (let path = waiting.shift(); path !== undefined; path = waiting.shift()) {
    options.signal.throwIfAborted()
    if (folders.size >= MAX_FOLDERS || videos >= MAX_VIDEOS) {
      isCut = true
      break
    }
    try {
      const folder = await foundAt(root, path, options)
      if (!folder) continue
      folders.set(path, folder)
      videos += folder.videos.length
      const depth = path === '' ? 0 : path.split('/').length
      if (depth < MAX_DEPTH) waiting.push(...folder.folders.map((name) => below(path, name)))
      else isCut ||= folder.folders.length > 0
    } catch (error) {
      if (path === '') throw error
      unread.push({ path, code: codeOf(error) })
    }
  }
  return { folders, videos, unread, isCut }
}

export const below = (path: string, name: string): string =>
  path === '' ? name : `${path}/${name}`

/** The system's, such as `ENOENT`. */
export const codeOf = (error: unknown): string =>
  String((error as { readonly code?: unknown } | undefined)?.code ?? 'unknown error')

/** Undefined: it is not there any more, or no folder. */
async function foundAt(
  root: string,
  path: string,
  { known, changed, now, signal }: ScanOptions,
): Promise<ScannedFolder | undefined> {
  const before = known.get(path)
  if (before && changed && !changed.has(path)) return before
  const facts = await lstat(join(root, path))
  if (!facts.isDirectory()) return undefined
  const stamp = `${facts.mtimeMs} ${facts.ctimeMs} ${facts.ino}`
  // An `.nfo` that was written over changes no folder: who was told of a change looks again.
  if (before?.stamp === stamp && !changed?.has(path)) return before
  const isSettled = now - facts.mtimeMs > SETTLED_MS
  return readFolder(root, path, { stamp: isSettled ? stamp : '', signal })
}

async function readFolder(
  root: string,
  path: string,
  { stamp, signal }: { readonly stamp: string; readonly signal: AbortSignal },
): Promise<ScannedFolder> {
  const names = await namesIn(join(root, path), path, signal)
  const ids = new Map<string, string>()
  let ofFolder = idIn(lastSegment(path))
  for (const name of nfoNames(names.notes, names.videos)) {
    signal.throwIfAborted()
    const id = await idInNfo(join(root, path, name))
    if (id !== undefined && isOfFolder(name)) ofFolder ??= id
    else if (id !== undefined) ids.set(stemOf(name).toLowerCase(), id)
  }
  return {
    stamp,
    words: wordsIn(path.split('/').map(articleFirst).join(' ')),
    id: ofFolder,
    videos: names.videos.toSorted().map((name) => ({
      name,
      words: wordsIn(articleFirst(stemOf(name))),
      id: idIn(name) ?? ids.get(stemOf(name).toLowerCase()),
    })),
    folders: names.folders.toSorted(),
  }
}

async function namesIn(folder: string, path: string, signal: AbortSignal) {
  const names = { folders: [] as string[], videos: [] as string[], notes: [] as string[] }
  let left = MAX_NAMES
  for await (const entry of await opendir(folder, { bufferSize: NAMES_AT_ONCE })) {
    signal.throwIfAborted()
    if (left-- <= 0) break
    const { name } = entry
    if (isHidden(name)) continue
    if (entry.isDirectory()) names.folders.push(name)
    // Where a link leads is looked at when a title asks for the file.
    else if (!entry.isFile() && !entry.isSymbolicLink()) continue
    else if (/\.nfo$/i.test(name)) names.notes.push(name)
    else if (isFilmFile(below(path, name))) names.videos.push(name)
  }
  return names
}

/** `and` and `&` count for nothing, as in titles. */
const wordsIn = (text: string): string => {
  const words = wordsOf(text).filter((word) => word !== 'and')
  return words.length === 0 ? '' : ` ${words.join(' ')} `
}
