import type { PieceLayout } from '../../common/bittorrent/piece-layout.ts'
import type { FaultCode } from '../../common/errors.ts'
import type { TorrentSpec } from './torrent-engine.ts'

/** As the engine's process ends when the address that it must leave by is not here (EX_UNAVAILABLE). */
export const NO_ADDRESS_EXIT = 69

/** The settings of the child process: JSON in ENGINE_OPTIONS, for arguments are seen by everybody on the machine. */
export interface EngineOptions {
  readonly allow: readonly string[]
  readonly port: number
  readonly dht: boolean
  /** `host:port` of the nodes that the DHT begins with; undefined: the usual ones. */
  readonly dhtBootstrap?: readonly string[] | undefined
  /** File that keeps nodes of the DHT across restarts. */
  readonly dhtTable?: string
  readonly pex: boolean
  readonly lsd: boolean
  /** The address, or the interface by its name, that everything leaves by; undefined: the system chooses. */
  readonly bind?: string | undefined
  /** The SOCKS5 proxy that everything goes through; undefined: none. */
  readonly proxy?:
    | {
        readonly host: string
        readonly port: number
        readonly user?: string | undefined
        readonly password?: string | undefined
      }
    | undefined
  /** Per second; 0 = no uploads, below 0 = no limit. */
  readonly uploadLimitBytes: number
  /** Largest torrent that is accepted, in bytes. */
  readonly maxLength: number
  /** For pieces over 16 MiB of all torrents together; 256 MiB unless given. */
  readonly largePieceBytes?: number
  /** How long writing one piece may take; tests shorten it. */
  readonly writeMs?: number
}

/** A Place (torrent-engine.ts), as it is sent to the engine. */
export interface SerializedPlace {
  readonly folder: string
  readonly fileIdx: number
  readonly layout: PieceLayout
  /** Bitfield bytes of the pieces on disk, from the file's first piece. */
  readonly have: Uint8Array
  readonly trusted: boolean
  /** An engine that died may have written pieces that it did not tell of. */
  readonly mayHoldMore?: boolean
  readonly fill: 'whole' | 'window'
  /** Bytes that its pieces may take on disk for now, those that are there included. */
  readonly room: number
}

/** A file of slots. Pieces are numbered in the torrent, and a slot has `pieceLength` bytes. */
export interface SerializedSlots {
  readonly path: string
  readonly layout: PieceLayout
  /** The last change that is in `assigned`. */
  readonly generation: number
  readonly assigned: readonly (readonly [piece: number, slot: number, isWritten: boolean])[]
}

/** Frees slots, then assigns slots. */
export interface SlotChangesMessage {
  readonly t: 'slots'
  readonly id: number
  /** Counts the changes of this file's slots. */
  readonly generation: number
  readonly unassign: readonly number[]
  readonly assign: readonly (readonly [piece: number, slot: number])[]
}

/** The bytes of the file that a reader still wants, both ends included. */
export interface ReaderPlace {
  readonly at: number
  readonly end: number
}

/** Main process -> engine. `id` stands for one metadata fetch or one file for as long as it lasts. */
export type ToEngine =
  | { readonly t: 'fetch-metadata'; readonly id: number; readonly spec: TorrentSpec }
  /** Connects to peers, for an `open` or `open-slots` that will follow. No reply. */
  | { readonly t: 'prepare'; readonly spec: TorrentSpec }
  | {
      readonly t: 'open'
      readonly id: number
      readonly spec: TorrentSpec
      readonly place: SerializedPlace
    }
  | {
      readonly t: 'open-slots'
      readonly id: number
      readonly spec: TorrentSpec
      readonly slots: SerializedSlots
    }
  /** From now on every public torrent asks these trackers too. */
  | { readonly t: 'trackers'; readonly urls: readonly string[] }
  /** Torrents that begin from now on tell peers and trackers this port; undefined: our own. */
  | { readonly t: 'external-port'; readonly port: number | undefined }
  /** More is known of a torrent that may be running. */
  | { readonly t: 'learn'; readonly spec: TorrentSpec }
  | SlotChangesMessage
  /** The pieces of a file may take so many bytes on disk, in all. */
  | { readonly t: 'room'; readonly id: number; readonly bytes: number }
  | { readonly t: 'readers'; readonly id: number; readonly readers: readonly ReaderPlace[] }
  /** Ends a metadata fetch or a file, answered or not. The reply is `closed`. */
  | { readonly t: 'close'; readonly id: number }
  | { readonly t: 'shutdown' }

export interface FileState {
  readonly id: number
  readonly peers: number
  readonly bytesPerSecond: number
  readonly uploaded: number
}

/** Engine -> main process. */
export type FromEngine =
  /** Peers can connect to `port`; 0: nobody can. */
  | { readonly t: 'ready'; readonly port: number }
  | {
      readonly t: 'alive'
      readonly rss: number
      readonly torrents: number
      readonly peers: number
      readonly files: readonly FileState[]
    }
  /** A valid .torrent file, made of the metadata that peers sent. */
  | { readonly t: 'metadata'; readonly id: number; readonly metainfo: Uint8Array }
  /** Bitfield bytes of the pieces that are really on disk. */
  | { readonly t: 'opened'; readonly id: number; readonly have: Uint8Array }
  /** The first peer of the file's torrent has connected. */
  | { readonly t: 'first-peer'; readonly id: number }
  /**
   * Pieces, numbered in the torrent, that are verified and written; of slots, as they were at that
   * generation.
   */
  | {
      readonly t: 'verified'
      readonly id: number
      readonly pieces: readonly number[]
      readonly generation: number
    }
  /** A verified piece waits: with it the file takes so many bytes on disk. */
  | { readonly t: 'needs-room'; readonly id: number; readonly bytes: number }
  /** Nothing is written any more. `have`, of a file: bitfield bytes of the pieces on disk. */
  | { readonly t: 'closed'; readonly id: number; readonly have?: Uint8Array }
  | { readonly t: 'failed'; readonly id: number; readonly code: FaultCode; readonly why: string }
  | {
      readonly t: 'log'
      readonly level: 'debug' | 'info' | 'warn'
      readonly message: string
      readonly facts?: Readonly<Record<string, string | number>>
    }
