import { type ClientRequest, request as httpRequest, type IncomingMessage } from 'node:http'
import { connect } from 'node:net'

export interface Ask {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Buffer
  /** The client's own address; of 127.0.0.0/8. */
  readonly from?: string
  /** Leave after this many bytes of the body. */
  readonly leaveAfter?: number
  /** Milliseconds for the whole answer. */
  readonly timeout?: number
}

export interface Answer {
  readonly status: number
  readonly headers: IncomingMessage['headers']
  readonly body: Buffer
  /** False when the connection ended before the announced body did. */
  readonly complete: boolean
  json(): unknown
}

/** One request on a connection of its own; redirects are answers. */
export function ask(url: string, how: Ask = {}): Promise<Answer> {
  return begin(url, how).then((stream) => stream.rest(how.leaveAfter))
}

export interface Stream {
  readonly status: number
  readonly headers: IncomingMessage['headers']
  /** At least this many more bytes (or what there is until the end); then the socket is left unread. */
  read(bytes: number): Promise<Buffer>
  /** Everything that was not read yet; with a limit: leaves after so many bytes. */
  rest(limit?: number): Promise<Answer>
  leave(): void
}

const open = new Set<ClientRequest>()

/** Ends what a failed test left open. */
export function leaveAll(): void {
  for (const req of open) req.destroy()
}

/** Resolves when the headers have come. Rejects when the connection fails before that. */
export function begin(url: string, how: Ask = {}): Promise<Stream> {
  return new Promise((resolve, reject) => {
    const req = httpRequest(url, {
      agent: false,
      method: how.method ?? 'GET',
      headers: { ...how.headers },
      ...(how.from === undefined ? {} : { localAddress: how.from }),
    })
    const timer = setTimeout(
      () => req.destroy(new Error(`no whole answer within ${how.timeout ?? 40_000} ms: ${url}`)),
      how.timeout ?? 40_000,
    )
    open.add(req)
    req.once('close', () => {
      clearTimeout(timer)
      open.delete(req)
    })
    req.once('error', reject)
    req.once('response', (res) => resolve(streamOf(res, () => req.destroy())))
    req.end(how.body)
  })
}

function streamOf(res: IncomingMessage, leave: () => void): Stream {
  // a connection cut in mid-body is an outcome to look at, not an accident of the test
  res.on('error', () => {})
  const take = async (enough: number): Promise<Buffer> => {
    const parts: Buffer[] = []
    for (let got = 0; got < enough; ) {
      const chunk = await nextChunk(res)
      if (!chunk) break
      parts.push(chunk)
      got += chunk.length
    }
    return Buffer.concat(parts)
  }
  return {
    status: res.statusCode ?? 0,
    headers: res.headers,
    leave,
    read: take,
    rest: async (limit = Number.POSITIVE_INFINITY) => {
      const body = await take(limit)
      const complete = res.complete && (res.readableEnded || res.readableLength === 0)
      leave()
      return {
        status: res.statusCode ?? 0,
        headers: res.headers,
        body,
        complete,
        json: () => JSON.parse(body.toString()),
      }
    },
  }
}

function nextChunk(res: IncomingMessage): Promise<Buffer | undefined> {
  const ready = res.read() as Buffer | null
  if (ready) return Promise.resolve(ready)
  if (res.readableEnded || res.destroyed) return Promise.resolve(undefined)
  return new Promise((resolve) => {
    const settle = (): void => {
      res.off('readable', onReadable)
      res.off('end', onEnd)
      res.off('close', onEnd)
    }
    const onReadable = (): void => {
      const chunk = res.read() as Buffer | null
      if (!chunk) return
      settle()
      resolve(chunk)
    }
    const onEnd = (): void => {
      settle()
      resolve(undefined)
    }
    res.on('readable', onReadable)
    res.on('end', onEnd)
    res.on('close', onEnd)
  })
}

/**
 * Sends the text as it stands and gives back everything until the server closes: for requests that
 * node:http would not send, and for bodies it would not show (HEAD).
 */
export function sendRaw(port: number, text: string, ms = 20_000): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1')
    const parts: Buffer[] = []
    const timer = setTimeout(() => socket.destroy(), ms)
    socket.on('data', (chunk: Buffer) => parts.push(chunk))
    socket.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'ECONNRESET' && error.code !== 'EPIPE') reject(error)
    })
    socket.once('close', () => {
      clearTimeout(timer)
      resolve(Buffer.concat(parts).toString('latin1'))
    })
    socket.write(text)
  })
}
