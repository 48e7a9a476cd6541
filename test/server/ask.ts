import { type IncomingHttpHeaders, type OutgoingHttpHeaders, request } from 'node:http'
import { connect, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

export interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
  readonly json: () => unknown
}

export interface AskOptions {
  readonly method?: string
  readonly headers?: OutgoingHttpHeaders
  readonly body?: string
  /** The client's own address; of 127.0.0.0/8. */
  readonly from?: string
}

/** One request on a connection of its own; rejects when the body is cut short. */
export function ask(port: number, path: string, options: AskOptions = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const req = request({
      host: '127.0.0.1',
      port,
      path,
      method: options.method ?? 'GET',
      headers: options.headers ?? {},
      agent: false,
      ...(options.from === undefined ? {} : { localAddress: options.from }),
    })
    req.once('error', reject)
    req.once('response', (res) => {
      const chunks: Buffer[] = []
      res.on('data', (chunk: Buffer) => chunks.push(chunk))
      res.once('error', reject)
      res.once('end', () => {
        const body = Buffer.concat(chunks)
        const json = (): unknown => JSON.parse(body.toString())
        resolve({ status: res.statusCode ?? 0, headers: res.headers, body, json })
      })
    })
    req.end(options.body)
  })
}

/** A bare connection, for what no HTTP client would send. `text` grows as the server answers. */
export interface RawConnection {
  readonly socket: Socket
  text(): string
  /** Resolves with everything once the server has ended the connection. */
  readonly ended: Promise<string>
}

export function rawConnect(port: number, send = ''): RawConnection {
  const socket = connect(port, '127.0.0.1')
  let text = ''
  const ended = new Promise<string>((resolve) => {
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString('latin1')
    })
    socket.on('error', () => {})
    socket.once('close', () => resolve(text))
  })
  if (send) socket.write(send)
  return { socket, text: () => text, ended }
}

/** Waits for something to become true; fails by the test's own time-out, with this sentence. */
export async function until(what: string, holds: () => boolean): Promise<void> {
  for (let i = 0; i < 1500; i++) {
    if (holds()) return
    await sleep(10)
  }
  throw new Error(`never: ${what}`)
}
