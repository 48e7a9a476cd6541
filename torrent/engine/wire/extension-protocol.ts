import {
  extendedHandshake,
  METADATA_PIECE_BYTES,
  metadataData,
  metadataReject,
  metadataRequest,
  OurExtension,
  type PeerExtensions,
  readExtendedHandshake,
  readMetadataMessage,
  readPex,
} from './extension-messages.ts'
import { extended } from './messages.ts'
import type { MetadataDownload, MetadataDownloads } from './metadata-downloads.ts'

export interface ExtensionHost {
  /** Where we listen. */
  readonly port: number
  readonly pex: boolean
  /** The info dictionary, when known. */
  readonly info: Uint8Array | undefined
  readonly metadataDownloads: MetadataDownloads
  metadataReceived(info: Buffer): void
  peersFound(addresses: readonly string[]): void
}

/** The connection that talks. */
export interface ExtensionConnection {
  send(bytes: Buffer): void
  /** Whether the peer reads what it is sent. */
  readonly canSend: boolean
  /** @param forGood the peer is of no use at all */
  close(forGood: boolean): void
}

/** Requests we hold for a peer at most; said in the extended handshake. */
export const OUR_REQUEST_QUEUE = 250

/** The extension messages of one connection: metadata both ways (BEP 9), peers (BEP 11), queue length. */
export class ExtensionProtocol {
  readonly #host: ExtensionHost
  readonly #line: ExtensionConnection
  #theirs: PeerExtensions | undefined
  #exchange: MetadataDownload | undefined

  constructor(host: ExtensionHost, line: ExtensionConnection) {
    this.#host = host
    this.#line = line
  }

  /** Requests the peer says it holds. */
  get reqq(): number | undefined {
    return this.#theirs?.reqq
  }

  sendHandshake(): void {
    const { info, port, pex } = this.#host
    const metadataSize = info?.length
    const hello = extendedHandshake({ metadataSize, port, reqq: OUR_REQUEST_QUEUE, pex })
    this.#line.send(extended(0, hello))
  }

  receive(extension: number, body: Buffer): void {
    if (extension === 0) {
      this.#theirs = readExtendedHandshake(body)
      this.#askMetadata()
    } else if (extension === OurExtension.utMetadata) {
      this.#metadata(body)
    } else if (extension === OurExtension.utPex && this.#host.pex) {
      this.#host.peersFound(readPex(body))
    }
  }

  /** The connection is over, or the metadata known from somebody else. */
  end(): void {
    this.#exchange?.end()
  }

  /** Asks for the info dictionary when nobody has given it yet. */
  #askMetadata(): void {
    const { utMetadata, metadataSize } = this.#theirs ?? {}
    const { info, metadataDownloads: metadataRoom } = this.#host
    if (info || this.#exchange || utMetadata === undefined || metadataSize === undefined) return
    this.#exchange = metadataRoom.start(metadataSize, () => this.#line.close(false))
    for (const piece of this.#exchange?.pieces ?? []) {
      this.#line.send(extended(utMetadata, metadataRequest(piece)))
    }
  }

  #metadata(body: Buffer): void {
    const message = readMetadataMessage(body)
    if (message?.kind === 'request') this.#give(message.piece)
    if (!this.#exchange || this.#host.info) return
    // It may have more patience with a new connection; another answer to this one will not come.
    if (message?.kind === 'reject') this.#line.close(false)
    if (message?.kind !== 'data') return
    const { whole, wrong } = this.#exchange.add(message.piece, message.bytes)
    if (whole) this.#host.metadataReceived(whole)
    else if (wrong) this.#line.close(true)
  }

  #give(piece: number): void {
    const theirs = this.#theirs?.utMetadata
    if (theirs === undefined) return
    const { info } = this.#host
    const part = info?.subarray(piece * METADATA_PIECE_BYTES, (piece + 1) * METADATA_PIECE_BYTES)
    if (!info || !part || part.length === 0 || !this.#line.canSend) {
      this.#line.send(extended(theirs, metadataReject(piece)))
    } else this.#line.send(extended(theirs, metadataData(piece, info.length), part))
  }
}
