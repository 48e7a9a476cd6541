import { LRUCache } from 'lru-cache'
import type { Metainfo } from '../../common/bittorrent/metainfo.ts'
import { atMost } from '../../common/memory/lru-options.ts'
import { type Title, titleId } from '../../common/title.ts'
import { wantedFile } from '../../sources/matching/wanted-file.ts'
import type { NameParser } from '../../sources/names/name-parser.ts'
import type { NumberedSource } from '../../sources/source.ts'
import { type FindWantedFile, playableAt } from '../files/fetchable-file.ts'
import type { KnownFiles } from '../files/known-files.ts'
import type { TorrentMetadata } from '../metadata/torrent-metadata.ts'

export interface ChosenFilesParts {
  readonly metadata: Pick<TorrentMetadata, 'peek' | 'known'>
  readonly knownFiles: Pick<KnownFiles, 'learn'>
  readonly parser: NameParser
  /** Tests give their own. */
  readonly wantedFile?: FindWantedFile | undefined
}

/** Choices that came to nothing. */
const MAX_IN_VAIN = 10_000
/** Names of larger torrents are read when one is played: a list is not to wait for them. */
const MOST_FILES = 2000

/**
 * Finds which file a source means where what is in its torrent is known already: a list names the episode of a
 * pack, and its size, before it is played. Asks nobody.
 */
export class ChosenFiles {
  readonly #parts: ChosenFilesParts
  readonly #inVain = new LRUCache<string, true>(atMost(MAX_IN_VAIN))

  constructor(parts: ChosenFilesParts) {
    this.#parts = parts
  }

  /**
   * Tells `knownFiles`. Never rejects.
   * @param isHere files of that torrent are on this disk, so what is in it is too
   */
  async find(
    title: Title,
    source: NumberedSource,
    isHere: (infoHash: string) => boolean,
  ): Promise<void> {
    const { locator, selector } = source
    if (locator.kind !== 'magnet' && locator.kind !== 'torrent') return
    const { metadata, knownFiles } = this.#parts
    const { infoHash } = locator
    const inFolder = infoHash !== undefined && isHere(infoHash)
    const metainfo = metadata.peek(locator) ?? (inFolder && (await metadata.known(infoHash)))
    if (!metainfo || metainfo.files.length > MOST_FILES) return
    const name = JSON.stringify([titleId(title), metainfo.infoHash, selector])
    if (this.#inVain.has(name)) return
    const fileIdx = await this.#choose(metainfo, title, source)
    const file = playableAt(metainfo, fileIdx, selector)
    if (file) knownFiles.learn(title, source, { infoHash: metainfo.infoHash, ...file })
    else this.#inVain.set(name, true)
  }

  async #choose(
    { files, name }: Metainfo,
    title: Title,
    { selector }: NumberedSource,
  ): Promise<number | undefined> {
    const { parser } = this.#parts
    if (this.#parts.wantedFile) return this.#parts.wantedFile(files, title, selector, name)
    // A play asks a metadata server what names do not tell: until then it is not known.
    let isTold = true
    const fileIdx = await wantedFile(parser, files, title, selector, name, async () => {
      isTold = false
      return undefined
    })
    return isTold ? fileIdx : undefined
  }
}
