import type { Bitfield } from '../../common/bittorrent/bitfield.ts'
import type { PieceLayout } from '../../common/bittorrent/piece-layout.ts'
import type { ByteRange, ByteReader } from '../../common/byte-reader.ts'

/** A torrent as our own gates left it. */
export interface TorrentSpec {
  /** 40 lower-case hex. */
  readonly infoHash: string
  readonly trackers: readonly string[]
  readonly webSeeds: readonly string[]
  /** Bencoded .torrent that passed the gate; absent: the metadata is asked from peers (BEP 9). */
  readonly metainfo?: Uint8Array
}

export interface TorrentFile {
  readonly index: number
  /** Path inside the torrent, `/` between segments; never used as a path on disk. */
  readonly path: string
  readonly size: number
  readonly offset: number
}

export interface FetchedMetadata {
  readonly infoHash: string
  readonly name: string
  readonly pieceLength: number
  readonly length: number
  readonly files: readonly TorrentFile[]
  readonly metainfo: Uint8Array
}

/** Where the bytes of one content go, and what is there already. */
export interface Place {
  /** Absolute; exists. Bytes go to `<folder>/<fileIdx>` and `<folder>/edges/<fileIdx>-<piece>`. */
  readonly folder: string
  readonly fileIdx: number
  readonly layout: PieceLayout
  /** Pieces of the file on disk, numbered from the file's first piece. */
  readonly have: Bitfield
  /** False: hash them before believing (after an unclean stop). */
  readonly trusted: boolean
  /** `whole`: fetch the rest while someone reads; `window`: only ahead of the readers. */
  readonly fill: 'whole' | 'window'
}

export interface DownloadProgress {
  readonly peers: number
  readonly bytesPerSecond: number
}

/** When it came so far, on the steady clock (common/clock.ts). */
export interface DownloadTimes {
  readonly peer: number | undefined
  readonly piece: number | undefined
}

/** One content on its way from the swarm to its place on disk. */
export interface FileDownload {
  readonly layout: PieceLayout
  /** Verified and readable now, numbered from the file's first piece. */
  readonly have: Bitfield
  readonly progress: DownloadProgress
  /** Of the first connected peer, and of the first piece that came. */
  readonly times: DownloadTimes
  /** Resolves when every piece is verified; rejects with a Fault when the download fails. */
  readonly finished: Promise<void>
  /** Reads verified bytes from disk, waits for the rest and says where it is (design idea 4). */
  reader(range: ByteRange): ByteReader
  /**
   * Stops asking for pieces; readers fail. Resolves when the engine has told what it still wrote, or
   * did not say so in time. Safe to call twice.
   */
  close(): Promise<void>
}

export interface DownloadEvents {
  /** Pieces (numbered in the torrent) verified and written. Called before any reader sees them. */
  verified(pieces: readonly number[]): void
  /** Pieces that were said to be on disk and are not. */
  missing(pieces: readonly number[]): void
}

/**
 * One content played through fixed slots (design idea 7): nothing of it is kept or given to others.
 * Every reader has a window of slots of its own.
 */
export interface SlotFile {
  readonly layout: PieceLayout
  readonly progress: DownloadProgress
  readonly times: DownloadTimes
  /** Rejects with a Fault when it cannot go on; never resolves. */
  readonly ended: Promise<never>
  /** Slots there are. */
  readonly capacity: number
  /** More slots, when room for them is reserved. */
  grow(capacity: number): void
  /** @param window pieces; the sum of the open readers' windows must be within the capacity */
  reader(range: ByteRange, window: number): ByteReader
  /** Safe to call twice. */
  close(): Promise<void>
}

export interface EngineState {
  readonly running: boolean
  readonly restarts: number
  readonly torrents: number
  readonly peers: number
  readonly bytesPerSecond: number
}

export interface TorrentEngine {
  readonly state: EngineState
  /** Resolves when it can be used at once, at the latest after `ms` milliseconds. */
  started(ms: number): Promise<void>
  /**
   * Metadata of a torrent, from its metainfo or from peers; one at a time per info hash.
   * @throws Fault NO_PEERS (signal fired first), HOSTILE_TORRENT, BAD_TORRENT, ENGINE_DIED
   */
  fetchMetadata(spec: TorrentSpec, signal: AbortSignal): Promise<FetchedMetadata>
  /** @throws Fault as describe */
  open(
    spec: TorrentSpec,
    place: Place,
    events: DownloadEvents,
    signal: AbortSignal,
  ): Promise<FileDownload>
  /** @param path an empty file that exists. @throws Fault as describe */
  openSlots(
    spec: TorrentSpec,
    layout: PieceLayout,
    path: string,
    signal: AbortSignal,
  ): Promise<SlotFile>
  close(): Promise<void>
}
