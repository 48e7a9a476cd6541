import type { FileKey } from '../../common/bittorrent/file-key.ts'
import type { ByteRange, ByteReader } from '../../common/byte-reader.ts'
import type { DownloadTimes } from '../../torrent/protocol/torrent-engine.ts'

/** Where bytes come from: our disk, peers, a file of the operator's own, another server's link, or another node. */
export type Origin = 'disk' | 'swarm' | 'path' | 'relay' | 'node'

/** Where else all of a file can be had: what a proxy in front has to ask for in our place. */
export interface PlaceAtNode {
  /** `host:port`, by http. */
  readonly host: string
  /** Path and query of the play there. */
  readonly target: string
  /** Says at that node that this one lets it be read. */
  readonly ticket: string
}

/** What a play comes to: all that the server has to know to answer it (docs/architecture.md). */
export type Playable =
  | { readonly kind: 'redirect'; readonly url: string }
  | {
      readonly kind: 'bytes'
      readonly from: Origin
      /** File name for people, cleaned of control characters; may be empty. */
      readonly name: string
      readonly size: number
      /** Strong validator (RFC 9110 8.8.3), quotes included; a relayed link may have none. */
      readonly etag: string | undefined
      /** Only from beginning to end, whatever part is asked for. */
      readonly whole?: boolean
      /** Set when the complete file lies below CACHE_DIR, under this very name. */
      readonly storedKey?: FileKey
      /** Set when another node has all of it. */
      atNode?(): PlaceAtNode
      /** Of a download: when the first peer and the first piece came. */
      times?(): DownloadTimes | undefined
      /** Of bytes that come from a source: how soon and fast they came is remembered under this name. */
      readonly measuredAs?: string
      /** Of a download: bytes a second, as far as that can be told. */
      rate?(): number | undefined
      /** Of a download: whether all of that is there now. */
      has?(range: ByteRange): boolean
      /** Several may be open at once; each is closed by whoever opened it. */
      read(range: ByteRange): ByteReader
      /** Gives back what the play has taken; called when the response has closed. Safe to call twice. */
      release(): void
    }

/** The answer to HEAD: what can be said without starting anything. */
export type HeadAnswer =
  | { readonly kind: 'redirect'; readonly url: string }
  | {
      readonly kind: 'bytes'
      readonly name: string
      readonly size?: number
      readonly etag?: string
      readonly whole?: boolean
    }

export type BytesPlayable = Extract<Playable, { kind: 'bytes' }>
