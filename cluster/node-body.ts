import type { IncomingMessage } from 'node:http'
import { connect, type NetConnectOpts, type Socket } from 'node:net'
import { type ConnectionOptions, connect as connectTls } from 'node:tls'
import type { ByteReader } from '../common/byte-reader.ts'

/**
 * Every connection to another node reads into this one buffer: what was read is copied to where it goes before the
 * next read begins. A buffer for each read would be garbage as fast as films flow, and collecting it is what
 * relaying would cost most.
 */
const sharedReadBuffer = Buffer.allocUnsafeSlow(256 * 1024)

/** A connection for one question: Node's parser reads the head of the answer, its body is read from the socket. */
export class NodeConnection {
  readonly socket: Socket
  #body: NodeBody | undefined

  constructor(options: NetConnectOpts & ConnectionOptions, secure: boolean) {
    const callback = (length: number): boolean => this.#read(sharedReadBuffer.subarray(0, length))
    const onread = { buffer: sharedReadBuffer, callback }
    const reading = { ...options, onread }
    this.socket = secure ? connectTls(reading) : connect(reading)
  }

  /** To be called when the head has been read: the parser gets nothing more. @throws Error without a length */
  answer(message: IncomingMessage): NodeAnswer {
    const length = lengthOf(message)
    const body = new NodeBody(this.socket, message, length)
    this.#body = body
    return { status: message.statusCode ?? 0, headers: textsOf(message), body, length }
  }

  /** @returns whether to read on */
  #read(bytes: Buffer): boolean {
    if (this.#body) return this.#body.arrived(bytes)
    // Copied: what follows the head in it waits in the message.
    this.socket.emit('data', Buffer.from(bytes))
    return this.#body === undefined
  }
}

/** What another node answered. The body is read or closed by who asked. */
export interface NodeAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | undefined>>
  readonly body: ByteReader
  /** Of the body, in bytes. */
  readonly length: number
}

/** All of the body. @throws what `tooLong` makes when there is more, and what reading it throws */
export async function wholeAnswer(
  { body, length }: NodeAnswer,
  most: number,
  tooLong: () => Error,
): Promise<Buffer> {
  try {
    if (length > most) throw tooLong()
    const all = Buffer.allocUnsafe(length)
    for (let at = 0; at < length; ) at += await body.read(all.subarray(at))
    return all
  } finally {
    body.close()
  }
}

/** Our nodes say it of each body; what does not is none. @throws Error */
function lengthOf({ headers }: IncomingMessage): number {
  const length = headers['content-length'] ?? ''
  const plain = headers['transfer-encoding'] === undefined && /^\d{1,15}$/.test(length)
  if (!plain) throw new Error('an answer of no known length')
  return Number(length)
}

const textsOf = ({ headers }: IncomingMessage): NodeAnswer['headers'] =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, value?.toString()]))

/** The body of an answer. Nothing is read ahead of its caller but what the system holds. */
class NodeBody implements ByteReader {
  readonly #socket: Socket
  readonly #answer: IncomingMessage
  /** Bytes that have not been given to the caller. */
  #left: number
  #rest: Buffer = Buffer.alloc(0)
  #waiting: { into: Buffer; resolve(length: number): void; reject(error: Error): void } | undefined
  #failure: Error | undefined

  constructor(socket: Socket, answer: IncomingMessage, length: number) {
    this.#socket = socket
    this.#answer = answer
    this.#left = length
    // Our reader learns of it by the socket; the message has no reader.
    answer.on('error', () => {})
    socket.once('error', (error) => this.#fail(error))
    socket.once('close', () => this.#fail(new Error('the other node broke off')))
    if (this.#left === 0) socket.destroy()
  }

  async read(into: Buffer): Promise<number> {
    if (this.#left === 0 || into.length === 0) return 0
    // What came with the head.
    const begun: Buffer | null = this.#answer.readableLength > 0 ? this.#answer.read() : null
    if (begun) this.#rest = Buffer.concat([begun, this.#rest])
    if (this.#rest.length > 0) return this.#give(this.#rest, into)
    if (this.#failure) throw this.#failure
    const { promise, resolve, reject } = Promise.withResolvers<number>()
    this.#waiting = { into, resolve, reject }
    this.#socket.resume()
    return promise
  }

  close(): void {
    this.#socket.destroy()
    this.#fail(new Error('read after close'))
  }

  /** The bytes are valid during the call only. @returns whether to read on: nobody waits for more than these */
  arrived(bytes: Buffer): boolean {
    const waiting = this.#waiting
    this.#waiting = undefined
    if (waiting) waiting.resolve(this.#give(bytes, waiting.into))
    else this.#rest = Buffer.concat([this.#rest, bytes])
    return false
  }

  #give(bytes: Buffer, into: Buffer): number {
    const length = Math.min(bytes.length, into.length, this.#left)
    bytes.copy(into, 0, 0, length)
    const rest = bytes.subarray(length)
    this.#rest = rest.buffer === sharedReadBuffer.buffer ? Buffer.from(rest) : rest
    this.#left -= length
    if (this.#left === 0) this.#socket.destroy()
    return length
  }

  #fail(error: Error): void {
    this.#failure ??= error
    this.#waiting?.reject(this.#failure)
    this.#waiting = undefined
  }
}
