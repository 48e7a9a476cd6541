import { Bitfield } from '../../../common/bittorrent/bitfield.ts'
import { isPiece, type TorrentPieces } from '../../../common/bittorrent/piece-hash.ts'
import {
  firstPiece,
  type PieceLayout,
  pieceCount,
  pieceSize,
} from '../../../common/bittorrent/piece-layout.ts'
import type { ReaderPlace, SerializedPlace } from '../../protocol/messages.ts'
import type { PrioritizedFile } from '../picker/priorities.ts'
import { FileRoom } from './file-room.ts'
import { PieceFiles } from './piece-files.ts'

const LOOK_BYTES = 4096

/** One file of a torrent that the main process has opened. Pieces are numbered in the torrent. */
export interface EngineFile extends PrioritizedFile {
  /** The id that the main process gave it. */
  readonly id: number
  /** Pieces on disk, numbered from the file's first piece. */
  readonly have: Bitfield
  readers: readonly ReaderPlace[]
  /** Whether its pieces are announced to other peers and uploaded. */
  readonly announced: boolean
  /** Counts the changes of its slots; 0 for a file that has its own place on disk. */
  readonly generation: number
  has(piece: number): boolean
  /** Whether the piece may be written now. */
  hasRoomFor(piece: number): boolean
  /** Resolves when the piece may be written. @throws when the file is closed before that */
  untilRoomFor(piece: number): Promise<void>
  /** Its pieces may take so many bytes on disk, in all. */
  giveRoom(bytes: number): void
  /** Writes a verified piece, and counts it when that is done. @throws node's file errors */
  write(piece: number, bytes: Uint8Array): Promise<void>
  /** A part of a piece. @throws when the bytes are not there */
  read(piece: number, offset: number, length: number): Promise<Buffer>
  /** Refuses further writes, and resolves when those that run have ended. */
  close(): Promise<void>
}

/**
 * Opens a file at its place on disk. Pieces that are said to be there and are not trusted are hashed
 * first: only those that verify count.
 * @param torrent what its pieces must hash to; undefined: what is not trusted does not count
 * @param needsRoom told how many bytes it would take with a piece that waits
 */
export async function openEngineFile(
  id: number,
  place: SerializedPlace,
  torrent: TorrentPieces | undefined,
  needsRoom: (bytes: number) => void,
): Promise<EngineFile> {
  const { folder, fileIdx, layout } = place
  const pieceFiles = await PieceFiles.open(folder, fileIdx, layout)
  const claimed = new Bitfield(pieceCount(layout), place.have)
  const onDisk = place.mayHoldMore ? await writtenOf(claimed, pieceFiles, layout) : claimed
  const trusted = place.trusted ? claimed : new Bitfield(claimed.length)
  const have = await verifiedOf(onDisk, trusted, pieceFiles, layout, torrent)
  // Pieces that do not verify take their room all the same, until they are written again.
  const room = new FileRoom(layout, onDisk, place.room, needsRoom)
  return new StoredEngineFile(id, place, pieceFiles, have, room)
}

class StoredEngineFile implements EngineFile {
  readonly id: number
  readonly layout: PieceLayout
  readonly fill: 'whole' | 'window'
  readonly have: Bitfield
  readonly announced = true
  readonly generation = 0
  readers: readonly ReaderPlace[] = []
  readonly #pieceFiles: PieceFiles
  readonly #room: FileRoom
  readonly #first: number
  readonly #writes = new Set<Promise<void>>()
  #closed = false

  constructor(
    id: number,
    place: SerializedPlace,
    pieceFiles: PieceFiles,
    have: Bitfield,
    room: FileRoom,
  ) {
    this.id = id
    this.layout = place.layout
    this.fill = place.fill
    this.have = have
    this.#pieceFiles = pieceFiles
    this.#room = room
    this.#first = firstPiece(place.layout)
  }

  lacks(piece: number): boolean {
    return this.#pieceFiles.covers(piece) && !this.has(piece)
  }

  has(piece: number): boolean {
    return this.have.has(piece - this.#first)
  }

  hasRoomFor(piece: number): boolean {
    return this.#room.has(piece)
  }

  untilRoomFor(piece: number): Promise<void> {
    return this.#room.until(piece)
  }

  giveRoom(bytes: number): void {
    this.#room.give(bytes)
  }

  async write(piece: number, bytes: Uint8Array): Promise<void> {
    if (this.#closed) throw new Error('closed')
    this.#room.take(piece)
    const writing = this.#pieceFiles.write(piece, bytes)
    this.#writes.add(writing)
    try {
      await writing
      this.have.set(piece - this.#first)
    } finally {
      this.#writes.delete(writing)
    }
  }

  read(piece: number, offset: number, length: number): Promise<Buffer> {
    return this.#pieceFiles.read(piece, offset, length)
  }

  async close(): Promise<void> {
    this.#closed = true
    this.#room.close()
    await Promise.allSettled(this.#writes)
    await this.#pieceFiles.close()
  }
}

/**
 * The claimed pieces and those that have bytes on disk: what was never written reads as zeros, so that a
 * look at both ends is enough.
 */
async function writtenOf(
  claimed: Bitfield,
  pieceFiles: PieceFiles,
  layout: PieceLayout,
): Promise<Bitfield> {
  const written = new Bitfield(claimed.length, claimed.bytes)
  for (let index = 0; index < claimed.length; index++) {
    if (claimed.has(index)) continue
    const piece = firstPiece(layout) + index
    const last = Math.max(0, pieceSize(layout, piece) - LOOK_BYTES)
    for (const at of new Set([0, last])) {
      const bytes = await pieceFiles.read(piece, at, LOOK_BYTES).catch(() => undefined)
      if (bytes?.some((byte) => byte !== 0)) written.set(index)
    }
  }
  return written
}

/** Those of the pieces that are trusted, or whose bytes have the right hash. */
async function verifiedOf(
  claimed: Bitfield,
  trusted: Bitfield,
  pieceFiles: PieceFiles,
  layout: PieceLayout,
  torrent: TorrentPieces | undefined,
): Promise<Bitfield> {
  const verified = new Bitfield(claimed.length, trusted.bytes)
  for (let index = 0; index < claimed.length; index++) {
    if (!claimed.has(index) || trusted.has(index)) continue
    const piece = firstPiece(layout) + index
    const size = pieceSize(layout, piece)
    const bytes = await pieceFiles.read(piece, 0, size).catch(() => undefined)
    if (bytes && torrent && isPiece(torrent, piece, bytes)) verified.set(index)
  }
  return verified
}
