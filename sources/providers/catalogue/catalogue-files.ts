import { readFile, realpath, stat } from 'node:fs/promises'
import { basename, isAbsolute, relative, resolve, sep } from 'node:path'
import { MAX_METAINFO_BYTES, parseMetainfoInParts } from '../../../common/bittorrent/metainfo.ts'
import { ValidationError } from '../../../common/bittorrent/validation-error.ts'
import { isVideo } from '../../../common/media-types.ts'
import type { Source } from '../../source.ts'
import type { DeclaredSource } from './catalogue-source.ts'

/**
 * Turns the sources that a catalogue declares into sources, and checks the files that they name.
 */
export interface CatalogueFiles {
  /**
   * `root`: the catalogue's folder, absolute; undefined for one read from the network.
   * @throws ValidationError when a file is not there, lies outside of the folder, or is not of its
   * kind
   */
  locate(declared: DeclaredSource, root: string | undefined, provider: string): Promise<Source>
}

interface TorrentFacts {
  readonly stamp: string
  readonly infoHash: string
}

/** Info hashes in memory, so that a .torrent is not read again for every list. */
const MAX_REMEMBERED = 5000

export function createCatalogueFiles(maxTorrentLength: number): CatalogueFiles {
  const torrents = new Map<string, TorrentFacts>()

  async function infoHashOf(path: string, stamp: string): Promise<string> {
    const known = torrents.get(path)
    if (known?.stamp === stamp) return known.infoHash
    const limits = { maxLength: maxTorrentLength }
    const { infoHash } = await parseMetainfoInParts(await readFile(path), limits)
    if (torrents.size >= MAX_REMEMBERED) torrents.clear()
    torrents.set(path, { stamp, infoHash })
    return infoHash
  }

  return {
    async locate({ locator, selector, facts }, root, provider) {
      const common = { provider, selector, ...facts }
      if (locator.kind === 'magnet' || locator.kind === 'url') return { ...common, locator }
      if (locator.kind === 'torrent' && locator.remote) {
        return { ...common, locator: { kind: 'torrent', from: locator.from } }
      }
      const written = locator.kind === 'torrent' ? locator.from : locator.path
      const file = await fileBelow(root, written)
      if (locator.kind === 'path') {
        if (!isVideo(file.path)) throw new ValidationError(`"${written}" is not a video file`)
        return {
          filename: basename(file.path),
          ...common,
          locator: { kind: 'path', path: file.path },
          size: file.size,
          identity: `path:${file.name}`,
        }
      }
      if (file.size > MAX_METAINFO_BYTES)
        throw new ValidationError(`"${written}" is larger than 12 MiB`)
      const infoHash = await infoHashOf(file.path, file.stamp)
      return { ...common, locator: { kind: 'torrent', from: file.path, infoHash } }
    },
  }
}

/**
 * A regular file below the root, links resolved; `name` is its path below the root, equal on every
 * machine.
 */
async function fileBelow(root: string | undefined, written: string) {
  if (root === undefined) {
    throw new ValidationError('a catalogue from the network cannot name files of this machine')
  }
  const wanted = resolve(root, written)
  const [realRoot, path] = await Promise.all([realpath(root), realpath(wanted)]).catch(() => {
    throw new ValidationError(`"${written}" is not there`)
  })
  if (!isBelow(realRoot, path)) {
    throw new ValidationError(`"${written}" does not lie below the catalogue's folder`)
  }
  const facts = await stat(path).catch(() => undefined)
  if (!facts?.isFile()) throw new ValidationError(`"${written}" is not a file`)
  return {
    path,
    name: relative(root, wanted).split(sep).join('/'),
    size: facts.size,
    stamp: `${facts.mtimeMs}:${facts.size}:${facts.ino}`,
  }
}

function isBelow(root: string, path: string): boolean {
  const way = relative(root, path)
  return way !== '' && way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way)
}
