import {
  extendedHandshake,
  METADATA_PIECE,
  metadataData,
  metadataReject,
  metadataRequest,
  OurExtension,
  type PeerExtensions,
  readExtendedHandshake,
  readMetadataMessage,
  readPex,
} from './extensions.ts'
import { extended } from './messages.ts'
import { createMetadataExchange, type MetadataExchange } from './metadata-exchange.ts'

export interface ExtensionHost {
  /** Hex. */
  readonly infoHash: string
  /** Where we listen. */
  readonly port: number
  readonly pex: boolean
  /** The info dictionary, when known. */
  readonly info: Uint8Array | undefined
  metadata(info: Buffer): void
  peersHeardOf(addresses: readonly string[]): void
}

/** Requests we hold for a peer at most; said in the extended handshake. */
export const OUR_REQUEST_QUEUE = 250

/** The extension messages of one connection: metadata both ways (BEP 9), peers (BEP 11), queue length. */
export class ExtensionTalk {
  readonly #host: ExtensionHost
  readonly #send: (bytes: Buffer) => void
  readonly #close: () => void
  #theirs: PeerExtensions | undefined
  #exchange: MetadataExchange | undefined

  constructor(host: ExtensionHost, send: (bytes: Buffer) => void, close: () => void) {
    this.#host = host
    this.#send = send
    this.#close = close
  }

  /** Requests the peer says it holds. */
  get reqq(): number | undefined {
    return this.#theirs?.reqq
  }

  hello(): void {
    const { info, port, pex } = this.#host
    const metadataSize = info?.length
    this.#send(extended(0, extendedHandshake({ metadataSize, port, reqq: OUR_REQUEST_QUEUE, pex })))
  }

  message(extension: number, body: Buffer): void {
    if (extension === 0) {
      this.#theirs = readExtendedHandshake(body)
      this.#askMetadata()
    } else if (extension === OurExtension.utMetadata) {
      this.#metadata(body)
    } else if (extension === OurExtension.utPex && this.#host.pex) {
      this.#host.peersHeardOf(readPex(body))
    }
  }

  /** Asks for the info dictionary when nobody has given it yet. */
  #askMetadata(): void {
    const { utMetadata, metadataSize } = this.#theirs ?? {}
    const { infoHash, info } = this.#host
    if (info || this.#exchange || utMetadata === undefined || metadataSize === undefined) return
    this.#exchange = createMetadataExchange(metadataSize, infoHash)
    for (const piece of this.#exchange?.pieces ?? []) {
      this.#send(extended(utMetadata, metadataRequest(piece)))
    }
  }

  #metadata(body: Buffer): void {
    const message = readMetadataMessage(body)
    if (message?.kind === 'request') this.#give(message.piece)
    if (message?.kind !== 'data' || this.#host.info) return
    const whole = this.#exchange?.put(message.piece, message.bytes)
    if (whole) this.#host.metadata(whole)
    else if (this.#exchange?.wrong) this.#close()
  }

  #give(piece: number): void {
    const theirs = this.#theirs?.utMetadata
    if (theirs === undefined) return
    const { info } = this.#host
    const part = info?.subarray(piece * METADATA_PIECE, (piece + 1) * METADATA_PIECE)
    if (!info || !part || part.length === 0) this.#send(extended(theirs, metadataReject(piece)))
    else this.#send(extended(theirs, metadataData(piece, info.length), part))
  }
}
