import { isPiece, type TorrentPieces } from '../../../common/bittorrent/piece-hash.ts'
import { firstPiece } from '../../../common/bittorrent/piece-layout.ts'
import type { EngineFile } from './engine-file.ts'

interface Deps {
  /** Called before anybody may use the file. */
  prepare(file: EngineFile): Promise<void>
  opened(file: EngineFile): void
  failed(id: number, why: string): void
}

type OpenFile = () => Promise<EngineFile>

/** The files of one torrent that the main process asked for, until they are ended. */
export class EngineFiles {
  readonly #deps: Deps
  /** Not begun: ready() was not called yet. */
  readonly #waiting = new Map<number, OpenFile>()
  /** Being opened; an id that is taken out meanwhile was ended. */
  readonly #opening = new Set<number>()
  readonly #open = new Map<number, EngineFile>()
  #isReady = false

  constructor(deps: Deps) {
    this.#deps = deps
  }

  /** Opens a file, as soon as ready() has been called. */
  add(id: number, openFile: OpenFile): void {
    if (this.#isReady) void this.#attach(id, openFile)
    else this.#waiting.set(id, openFile)
  }

  /** The metadata is known: files can be opened. */
  ready(): void {
    this.#isReady = true
    for (const [id, openFile] of this.#waiting) void this.#attach(id, openFile)
    this.#waiting.clear()
  }

  get(id: number): EngineFile | undefined {
    return this.#open.get(id)
  }

  /** The open files. */
  all(): readonly EngineFile[] {
    return [...this.#open.values()]
  }

  /** Ids of all files, also of those that are not open yet. */
  ids(): readonly number[] {
    return [...this.#waiting.keys(), ...this.#opening, ...this.#open.keys()]
  }

  /** A file that has the piece and may upload it. */
  uploadableFrom(piece: number): EngineFile | undefined {
    return uploadable(this.all(), piece)
  }

  /** Bytes of a piece that may be uploaded. @throws Error when it is not here */
  async read(piece: number, offset: number, length: number): Promise<Uint8Array> {
    const file = this.uploadableFrom(piece)
    if (!file) throw new Error('not here')
    return file.read(piece, offset, length)
  }

  /** Answers the file when it was open: closing it is up to the caller. */
  end(id: number): EngineFile | undefined {
    if (this.#waiting.delete(id) || this.#opening.delete(id)) return undefined
    const file = this.#open.get(id)
    this.#open.delete(id)
    return file
  }

  async #attach(id: number, openFile: OpenFile): Promise<void> {
    this.#opening.add(id)
    let file: EngineFile | undefined
    try {
      file = await openFile()
      await this.#deps.prepare(file)
      if (!this.#opening.delete(id)) return await file.close()
      this.#open.set(id, file)
      this.#deps.opened(file)
    } catch (err) {
      const isWanted = this.#opening.delete(id) || this.#open.delete(id)
      await file?.close().catch(() => {})
      if (isWanted) this.#deps.failed(id, err instanceof Error ? err.message : 'not opened')
    }
  }
}

/** The pieces of the file that other peers may have now, numbered in the torrent. */
export function uploadablePieces(file: EngineFile): readonly number[] {
  return file.announced ? piecesOf(file).filter((piece) => file.has(piece)) : []
}

/** Every piece of the file, numbered in the torrent. */
export function piecesOf({ layout, have }: EngineFile): number[] {
  const first = firstPiece(layout)
  return Array.from({ length: have.length }, (_, i) => first + i)
}

/** Takes boundary pieces from neighbour files that have them, so that they are not fetched again. */
export async function copyEdges(
  file: EngineFile,
  others: readonly EngineFile[],
  meta: TorrentPieces,
): Promise<void> {
  const pieces = file.announced ? piecesOf(file) : []
  for (const piece of [pieces[0], pieces.at(-1)]) {
    if (piece === undefined || file.has(piece) || !file.hasRoomFor(piece)) continue
    const other = uploadable(others, piece)
    const bytes = await other?.read(piece, 0, meta.pieceLength).catch(() => undefined)
    if (bytes && isPiece(meta, piece, bytes)) await file.write(piece, bytes)
  }
}

function uploadable(files: readonly EngineFile[], piece: number): EngineFile | undefined {
  return files.find((file) => file.announced && file.has(piece))
}
