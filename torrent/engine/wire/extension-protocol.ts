import { MAX_INFO_BYTES } from '../../../common/bittorrent/metainfo.ts'
import type { MetadataDownload } from '../metadata/metadata-download.ts'
import type { MetadataDownloads } from '../metadata/metadata-downloads.ts'
import { METADATA_PIECE_BYTES } from '../metadata/metadata-pool.ts'
import {
  extendedHandshake,
  metadataData,
  metadataReject,
  metadataRequest,
  OurExtension,
  type PeerExtensions,
  readExtendedHandshake,
  readMetadataMessage,
  readPex,
} from './extension-messages.ts'
import { extended } from './peer-messages.ts'

/** The torrent that the extension messages are about. */
export interface ExtensionHost {
  /** The port we listen on. */
  readonly port: number
  /** Whether peer exchange (BEP 11) is on. */
  readonly pex: boolean
  /** The info dictionary; undefined until we have it. */
  readonly info: Uint8Array | undefined
  readonly metadataDownloads: MetadataDownloads
  /** The whole info dictionary; its hash is right. */
  metadataReceived(info: Buffer): void
  /** @param addresses `ip:port` or `[ip]:port` */
  peersFound(addresses: readonly string[]): void
}

/** The connection that the messages are sent over. */
export interface ExtensionConnection {
  send(bytes: Buffer): void
  /** False while the peer does not read what it was sent. */
  readonly canSend: boolean
  /** @param forGood never connect to this peer again */
  close(forGood: boolean): void
}

/** The most requests that we keep for a peer: `reqq` in our extended handshake (BEP 10). */
export const OUR_REQUEST_QUEUE = 250
/**
 * The most of one that could not be told that we keep no more (without BEP 6 there is no reject) and would wait for
 * the rest for ever. As libtorrent has it; what is more is left without an answer.
 */
export const SILENT_REQUEST_QUEUE = 2000

/**
 * How rTorrent's library names itself. Asked for a piece of metadata while it sends another it reads nothing more
 * of that connection, ever (0.13.8).
 */
const RTORRENT = 'libTorrent '

/**
 * The extension protocol on one connection (BEP 10): metadata both ways (BEP 9), addresses of other
 * peers (BEP 11), and the length of the peer's request queue.
 */
export class ExtensionProtocol {
  readonly #host: ExtensionHost
  readonly #connection: ExtensionConnection
  #theirs: PeerExtensions = {}
  #download: MetadataDownload | undefined
  #isCorrected = false

  constructor(host: ExtensionHost, connection: ExtensionConnection) {
    this.#host = host
    this.#connection = connection
  }

  /** How many requests the peer says that it keeps. */
  get reqq(): number | undefined {
    return this.#theirs.reqq
  }

  sendHandshake(): void {
    const { info, port, pex } = this.#host
    const metadataSize = info?.length
    const handshake = extendedHandshake({ metadataSize, port, reqq: OUR_REQUEST_QUEUE, pex })
    this.#connection.send(extended(0, handshake))
  }

  /** @param extension 0 for the extended handshake, else our number of the extension */
  receive(extension: number, body: Buffer): void {
    if (extension === 0) {
      // What a later one does not say stays as it was (BEP 10).
      this.#theirs = { ...this.#theirs, ...readExtendedHandshake(body) }
      this.#requestMetadata()
    } else if (extension === OurExtension.utMetadata) {
      this.#metadata(body)
    } else if (extension === OurExtension.utPex && this.#host.pex) {
      this.#host.peersFound(readPex(body))
    }
  }

  /** Call when the connection has ended, or the metadata is known from elsewhere. */
  end(): void {
    this.#download?.end()
  }

  /** Requests the info dictionary from this peer, unless we have it. */
  #requestMetadata(): void {
    const { utMetadata, metadataSize, client } = this.#theirs
    const { info, metadataDownloads } = this.#host
    if (info || this.#download || !utMetadata || metadataSize === undefined) return
    this.#download = metadataDownloads.start(metadataSize, {
      oneAtATime: client?.startsWith(RTORRENT) === true,
      request: (piece) => this.#connection.send(extended(utMetadata, metadataRequest(piece))),
      close: () => this.#connection.close(false),
    })
  }

  #metadata(body: Buffer): void {
    const message = readMetadataMessage(body)
    if (message?.kind === 'request') this.#sendMetadata(message.piece)
    if (!this.#download || this.#host.info) return
    if (message?.kind === 'reject') this.#download.rejected(message.piece)
    if (message?.kind !== 'data') return
    const { piece, bytes, total } = message
    const { size } = this.#download.pool
    // A piece is as long as the size of the handshake has it.
    const fits =
      bytes.length === Math.min(METADATA_PIECE_BYTES, size - piece * METADATA_PIECE_BYTES)
    if (!fits && this.#hasCorrected(total)) return
    const { whole, wrong } = this.#download.add(piece, bytes)
    if (whole) this.#host.metadataReceived(whole)
    // Where the size is one of whole pieces, and too small, only the hash shows it.
    else if (wrong && !this.#hasCorrected(total)) this.#connection.close(true)
  }

  /** The size that came with a piece counts in place of that of the handshake, once. */
  #hasCorrected(total: number | undefined): boolean {
    if (total === undefined || total > MAX_INFO_BYTES) return false
    if (total === this.#download?.pool.size || this.#isCorrected) return false
    this.#isCorrected = true
    this.#download?.end()
    this.#download = undefined
    this.#theirs = { ...this.#theirs, metadataSize: total }
    this.#requestMetadata()
    return true
  }

  #sendMetadata(piece: number): void {
    const theirs = this.#theirs.utMetadata
    if (!theirs) return
    const { info } = this.#host
    const part = info?.subarray(piece * METADATA_PIECE_BYTES, (piece + 1) * METADATA_PIECE_BYTES)
    if (!info || !part || part.length === 0 || !this.#connection.canSend) {
      this.#connection.send(extended(theirs, metadataReject(piece)))
    } else this.#connection.send(extended(theirs, metadataData(piece, info.length), part))
  }
}
