import type { Metainfo } from '../../../common/bittorrent/metainfo.ts'
import { firstPiece } from '../../../common/bittorrent/piece-layout.ts'
import { type Content, matches } from './content.ts'

/** The contents of one torrent, from the word to open them until they are ended. */
export interface Contents {
  /** Opens it as soon as `ready()` was said. */
  add(id: number, start: () => Promise<Content>): void
  ready(): void
  get(id: number): Content | undefined
  all(): readonly Content[]
  /** Ids, those still being opened too. */
  ids(): readonly number[]
  /** Answers the content when it was open; it still has to be closed. */
  end(id: number): Content | undefined
}

interface Deps {
  /** Before anybody may use it. */
  prepare(content: Content): Promise<void>
  opened(content: Content): void
  failed(id: number, why: string): void
}

export function createContents(deps: Deps): Contents {
  const waiting = new Map<number, () => Promise<Content>>()
  /** Files being opened; taken out when they are ended before that is done. */
  const opening = new Set<number>()
  const open = new Map<number, Content>()
  let isReady = false

  async function attach(id: number, start: () => Promise<Content>): Promise<void> {
    opening.add(id)
    let content: Content | undefined
    try {
      content = await start()
      await deps.prepare(content)
      if (!opening.delete(id)) return await content.close()
      open.set(id, content)
      deps.opened(content)
    } catch (err) {
      const isWanted = opening.delete(id) || open.delete(id)
      await content?.close().catch(() => {})
      if (isWanted) deps.failed(id, err instanceof Error ? err.message : 'not opened')
    }
  }

  return {
    add(id, start) {
      if (isReady) void attach(id, start)
      else waiting.set(id, start)
    },
    ready() {
      isReady = true
      for (const [id, start] of waiting) void attach(id, start)
      waiting.clear()
    },
    get: (id) => open.get(id),
    all: () => [...open.values()],
    ids: () => [...waiting.keys(), ...opening, ...open.keys()],
    end(id) {
      if (waiting.delete(id) || opening.delete(id)) return undefined
      const content = open.get(id)
      open.delete(id)
      return content
    },
  }
}

/** Every piece of the content's file, numbered in the torrent. */
export function piecesOf({ layout, have }: Content): number[] {
  const first = firstPiece(layout)
  return Array.from({ length: have.length }, (_, i) => first + i)
}

/** A boundary piece that a neighbour file has already need not be fetched again. */
export async function copyEdges(
  content: Content,
  others: readonly Content[],
  meta: Pick<Metainfo, 'pieceLength' | 'pieces'>,
): Promise<void> {
  const pieces = content.announced ? piecesOf(content) : []
  for (const piece of [pieces[0], pieces.at(-1)]) {
    if (piece === undefined || content.has(piece)) continue
    const other = others.find((c) => c.announced && c.has(piece))
    const bytes = await other?.read(piece, 0, meta.pieceLength).catch(() => undefined)
    if (bytes && matches(bytes, meta.pieces, piece)) await content.keep(piece, bytes)
  }
}
