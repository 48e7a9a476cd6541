import type { Bitfield } from '../../common/bittorrent/bitfield.ts'
import type { PieceLayout } from '../../common/bittorrent/piece-layout.ts'
import type { ByteRange, ByteReader } from '../../common/byte-reader.ts'

/** A torrent that our own checks have accepted. */
export interface TorrentSpec {
  /** 40 lower-case hex. */
  readonly infoHash: string
  readonly trackers: readonly string[]
  readonly webSeeds: readonly string[]
  /** `ip:port` of peers that a magnet names (BEP 9 `x.pe`). */
  readonly peers?: readonly string[]
  /** `host:port` of nodes of the DHT that a .torrent names (BEP 5). */
  readonly nodes?: readonly string[]
  /** Bencoded .torrent that is valid; absent: the metadata is fetched from peers (BEP 9). */
  readonly metainfo?: Uint8Array
}

/** Where the bytes of one file go, and what is there already. */
export interface DownloadPlace {
  /** Absolute; exists. Bytes go to `<folder>/<fileIdx>` and `<folder>/edges/<fileIdx>-<piece>`. */
  readonly folder: string
  readonly fileIdx: number
  readonly layout: PieceLayout
  /** Pieces of the file on disk, numbered from the file's first piece. */
  readonly have: Bitfield
  /** False, after an unclean stop: the engine hashes these pieces before it counts them. */
  readonly trusted: boolean
  /** `whole`: fetch the rest while someone reads; `window`: only ahead of the readers. */
  readonly fill: 'whole' | 'window'
  /** Bytes that its pieces may take on disk for now, those that are there included. */
  readonly room: number
}

export interface DownloadProgress {
  readonly peers: number
  readonly bytesPerSecond: number
  /** Bytes of its torrent that this process of the engine has sent to peers. */
  readonly uploaded?: number
}

/** How far the download has come, by the steady clock (common/clock.ts). */
export interface DownloadTimes {
  /** When the first peer connected. */
  readonly peer: number | undefined
  /** When the first piece came. */
  readonly piece: number | undefined
}

/** One file on its way from the swarm to its place on disk. */
export interface FileDownload {
  /** Verified and readable now, numbered from the file's first piece. */
  readonly have: Bitfield
  readonly progress: DownloadProgress
  readonly times: DownloadTimes
  /** Resolves when every piece is verified; rejects with a Fault when the download fails. */
  readonly finished: Promise<void>
  /** Its pieces may take so many bytes on disk, in all: answers needsRoom(), and may come before it. */
  giveRoom(bytes: number): void
  /**
   * Reads verified bytes from disk and waits for the rest. Where it is decides which pieces are
   * fetched next.
   */
  reader(range: ByteRange): ByteReader
  /**
   * Stops the download; waiting readers fail. Resolves when the engine has told which pieces it still
   * wrote: with `told`. It has died, or has not answered in time: `untold`, and there may be more pieces
   * on disk than it has told of. Safe to call twice.
   */
  close(): Promise<'told' | 'untold'>
}

export interface DownloadEvents {
  /** Pieces (numbered in the torrent) verified and written. Called before any reader sees them. */
  verified(pieces: readonly number[]): void
  /** Pieces that should be on disk and are not there. */
  missing(pieces: readonly number[]): void
  /**
   * A verified piece waits, in memory, until the file may take so many bytes on disk. Told again after
   * the engine's death.
   */
  needsRoom(bytes: number): void
}

export interface WindowReader extends ByteReader {
  /** Another window from now on, in pieces; the bound of SlotFile.reader() holds. */
  resize(window: number): void
}

/**
 * One file played through fixed slots (docs/decisions/0007): nothing of it is kept or uploaded. Every
 * reader has a window of slots of its own.
 */
export interface SlotFile {
  readonly layout: PieceLayout
  readonly progress: DownloadProgress
  readonly times: DownloadTimes
  /** Rejects with a Fault when it cannot go on; never resolves. */
  readonly ended: Promise<never>
  /** Adds slots: room for them must be reserved. */
  grow(capacity: number): void
  /** @param window pieces; the sum of the open readers' windows must be within the capacity */
  reader(range: ByteRange, window: number): WindowReader
  /** Safe to call twice. */
  close(): Promise<void>
}

export interface EngineState {
  readonly running: boolean
  readonly restarts: number
  /** The address that everything must leave by has gone; torrents wait for it. */
  readonly away: boolean
  readonly torrents: number
  readonly peers: number
  /** Where peers can connect to; undefined: nowhere, or it does not run. */
  readonly port: number | undefined
  /** Where they reach that from outside, as the gateway says; undefined: it was not asked, or refuses. */
  readonly externalPort: number | undefined
}

export interface TorrentEngine {
  readonly state: EngineState
  /** Resolves when it can be used at once, at the latest after `ms` milliseconds. */
  started(ms: number): Promise<void>
  /**
   * A bencoded .torrent, made of the metadata that peers send (BEP 9). Callers with the same info hash
   * share one fetch.
   * @throws Fault NO_PEERS (signal fired first), HOSTILE_TORRENT, BAD_TORRENT, ENGINE_DIED,
   *   TORRENT_NETWORK_AWAY
   */
  fetchMetadata(spec: TorrentSpec, signal: AbortSignal): Promise<Uint8Array>
  /** From now on every public torrent asks these trackers too, beside its own. */
  addTrackers(urls: readonly string[]): void
  /** The gateway maps this port to ours, or no longer any. Torrents that run keep what they told. */
  setExternalPort(port: number | undefined): void
  /**
   * Another source of the same torrent names trackers, web seeds or its metainfo: whatever of that
   * torrent runs has them at once. Does nothing when nothing of it runs.
   */
  learn(spec: TorrentSpec): void
  /**
   * Looks for peers of a torrent that will soon be opened and connects to them. Nothing is asked of
   * them. A torrent that is not opened is left again after seconds.
   */
  prepare(spec: TorrentSpec): void
  /** @throws Fault as fetchMetadata */
  open(
    spec: TorrentSpec,
    place: DownloadPlace,
    events: DownloadEvents,
    signal: AbortSignal,
  ): Promise<FileDownload>
  /** @param path an empty file that exists. @throws Fault as fetchMetadata */
  openSlots(
    spec: TorrentSpec,
    layout: PieceLayout,
    path: string,
    signal: AbortSignal,
  ): Promise<SlotFile>
  close(): Promise<void>
}
