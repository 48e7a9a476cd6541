import type { Metainfo } from '../../../common/bittorrent/metainfo.ts'
import { firstPiece } from '../../../common/bittorrent/piece-layout.ts'
import { type EngineFile, matches } from './engine-file.ts'

/** The contents of one torrent, from the word to open them until they are ended. */
export interface EngineFiles {
  /** Opens it as soon as `ready()` was said. */
  add(id: number, openFile: () => Promise<EngineFile>): void
  ready(): void
  get(id: number): EngineFile | undefined
  all(): readonly EngineFile[]
  /** Ids, those still being opened too. */
  ids(): readonly number[]
  /** Answers the content when it was open; it still has to be closed. */
  end(id: number): EngineFile | undefined
}

interface Deps {
  /** Before anybody may use it. */
  prepare(file: EngineFile): Promise<void>
  opened(file: EngineFile): void
  failed(id: number, why: string): void
}

export function createEngineFiles(deps: Deps): EngineFiles {
  const waiting = new Map<number, () => Promise<EngineFile>>()
  /** Files being opened; taken out when they are ended before that is done. */
  const opening = new Set<number>()
  const openFiles = new Map<number, EngineFile>()
  let isReady = false

  async function open(id: number, openFile: () => Promise<EngineFile>): Promise<void> {
    opening.add(id)
    let file: EngineFile | undefined
    try {
      file = await openFile()
      await deps.prepare(file)
      if (!opening.delete(id)) return await file.close()
      openFiles.set(id, file)
      deps.opened(file)
    } catch (err) {
      const isWanted = opening.delete(id) || openFiles.delete(id)
      await file?.close().catch(() => {})
      if (isWanted) deps.failed(id, err instanceof Error ? err.message : 'not opened')
    }
  }

  return {
    add(id, openFile) {
      if (isReady) void open(id, openFile)
      else waiting.set(id, openFile)
    },
    ready() {
      isReady = true
      for (const [id, openFile] of waiting) void open(id, openFile)
      waiting.clear()
    },
    get: (id) => openFiles.get(id),
    all: () => [...openFiles.values()],
    ids: () => [...waiting.keys(), ...opening, ...openFiles.keys()],
    end(id) {
      if (waiting.delete(id) || opening.delete(id)) return undefined
      const file = openFiles.get(id)
      openFiles.delete(id)
      return file
    },
  }
}

/** Every piece of the content's file, numbered in the torrent. */
export function piecesOf({ layout, have }: EngineFile): number[] {
  const first = firstPiece(layout)
  return Array.from({ length: have.length }, (_, i) => first + i)
}

/** A boundary piece that a neighbour file has already need not be fetched again. */
export async function copyEdges(
  file: EngineFile,
  others: readonly EngineFile[],
  meta: Pick<Metainfo, 'pieceLength' | 'pieces'>,
): Promise<void> {
  const pieces = file.announced ? piecesOf(file) : []
  for (const piece of [pieces[0], pieces.at(-1)]) {
    if (piece === undefined || file.has(piece)) continue
    const other = others.find((c) => c.announced && c.has(piece))
    const bytes = await other?.read(piece, 0, meta.pieceLength).catch(() => undefined)
    if (bytes && matches(bytes, meta.pieces, piece)) await file.write(piece, bytes)
  }
}
