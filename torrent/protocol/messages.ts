import type { PieceLayout } from '../../common/bittorrent/piece-layout.ts'
import type { FaultCode } from '../../common/errors.ts'
import type { TorrentSpec } from './torrent-engine.ts'

/** What the child process is started with (JSON in its first argument). */
export interface EngineOptions {
  readonly allow: readonly string[]
  readonly port: number
  readonly dht: boolean
  readonly pex: boolean
  readonly lsd: boolean
  /** A second; 0 = nothing is given, less = no limit. */
  readonly uploadLimitBytes: number
  /** Largest torrent in bytes that is looked into. */
  readonly maxLength: number
  /** Milliseconds that one piece's write may take; tests shorten them. */
  readonly writeMs?: number
}

export interface SerializedPlace {
  readonly folder: string
  readonly fileIdx: number
  readonly layout: PieceLayout
  /** Bitfield bytes over the file's pieces. */
  readonly have: Uint8Array
  readonly trusted: boolean
  readonly fill: 'whole' | 'window'
}

/** A content played through slots: piece numbers are the torrent's, a slot has `pieceLength` bytes. */
export interface SerializedSlots {
  readonly path: string
  readonly layout: PieceLayout
  /** Of the last change that `assigned` holds. */
  readonly generation: number
  readonly assigned: readonly (readonly [piece: number, slot: number, here: boolean])[]
}

/** Frees and gives slots, in this order. */
export interface SlotChangesMessage {
  readonly t: 'slots'
  readonly id: number
  /** Counts the changes of this content's slots. */
  readonly generation: number
  readonly evict: readonly number[]
  readonly assign: readonly (readonly [piece: number, slot: number])[]
}

/** Where a reader stands: bytes of the file it still wants, both ends included. */
export interface ReaderPlace {
  readonly at: number
  readonly end: number
}

/** Main process -> engine. `id` names one description or one content for as long as it lasts. */
export type ToEngine =
  | { readonly t: 'fetch-metadata'; readonly id: number; readonly spec: TorrentSpec }
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
  | SlotChangesMessage
  | { readonly t: 'readers'; readonly id: number; readonly readers: readonly ReaderPlace[] }
  /** Ends a description or a content, whether it was answered or not; answered with `closed`. */
  | { readonly t: 'close'; readonly id: number }
  | { readonly t: 'shutdown' }

export interface FileState {
  readonly id: number
  readonly peers: number
  readonly bytesPerSecond: number
}

/** Engine -> main process. */
export type FromEngine =
  | { readonly t: 'ready'; readonly port: number }
  | {
      readonly t: 'alive'
      readonly rss: number
      readonly torrents: number
      readonly peers: number
      readonly files: readonly FileState[]
    }
  /** A .torrent file, made of the metadata peers sent; passed the gate. */
  | { readonly t: 'metadata'; readonly id: number; readonly metainfo: Uint8Array }
  /** Bitfield bytes of what is really on disk. */
  | { readonly t: 'opened'; readonly id: number; readonly have: Uint8Array }
  /** The first peer of its torrent is connected. */
  | { readonly t: 'first-peer'; readonly id: number }
  /** Pieces numbered in the torrent: verified and written, of slots as they were at that turn. */
  | {
      readonly t: 'verified'
      readonly id: number
      readonly pieces: readonly number[]
      readonly generation: number
    }
  /** It was told to close, and nothing is written any more; of a content: bitfield bytes on disk. */
  | { readonly t: 'closed'; readonly id: number; readonly have?: Uint8Array }
  | { readonly t: 'failed'; readonly id: number; readonly code: FaultCode; readonly why: string }
  | {
      readonly t: 'log'
      readonly level: 'debug' | 'info' | 'warn'
      readonly message: string
      readonly facts?: Readonly<Record<string, string | number>>
    }
