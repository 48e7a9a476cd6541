import { realpath, stat } from 'node:fs/promises'
import { basename, isAbsolute, join, relative, sep } from 'node:path'
import { below } from './scan-folder.ts'

/** A file of the library where it is now. */
export interface Placed {
  /** Absolute, without links. */
  readonly path: string
  /** Bytes. */
  readonly size: number
}

/** Undefined when it is not there, is no file, is empty, or a link leads out of its folder. */
export async function placeOf(
  root: string,
  { folder, name }: { readonly folder: string; readonly name: string },
): Promise<Placed | undefined> {
  try {
    const [realRoot, path] = await Promise.all([realpath(root), realpath(join(root, folder, name))])
    if (!isBelow(realRoot, path)) return undefined
    const facts = await stat(path)
    return facts.isFile() && facts.size > 0 ? { path, size: facts.size } : undefined
  } catch {
    return undefined
  }
}

function isBelow(root: string, path: string): boolean {
  const way = relative(root, path)
  return way !== '' && way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way)
}

/** What a file is called on every machine that has the same library: `films/Film (1999)/Film.mkv`. */
export const identityOf = (
  rootName: string,
  { folder, name }: { readonly folder: string; readonly name: string },
): string => `library:${rootName}/${below(folder, name)}`

/** The last names of the roots; those that are the same are told apart by their place. */
export const rootNames = (paths: readonly string[]): readonly string[] =>
  paths.map((path, at) => {
    const name = basename(path)
    const before = paths.slice(0, at).filter((other) => basename(other) === name).length
    return before === 0 ? name : `${name} ${before + 1}`
  })
