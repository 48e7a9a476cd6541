import { createServer, type RequestListener } from 'node:http'
import { closeServer, listen } from './server/listening.ts'

export interface Web {
  readonly base: string
  readonly port: number
  /** Connections, whether or not a request came of them. */
  readonly connections: number
  readonly requests: readonly string[]
  close(): Promise<void>
}

/** A web server on loopback that remembers who came. */
export async function startWeb(
  answer: RequestListener = (_req, res) => void res.writeHead(404).end(),
  host = '127.0.0.1',
): Promise<Web> {
  const seen = { connections: 0, requests: [] as string[] }
  const server = createServer((req, res) => {
    seen.requests.push(`${req.method} ${req.url}`)
    answer(req, res)
  })
  server.on('connection', () => {
    seen.connections++
  })
  const port = await listen(server, host)
  return {
    base: `http://${host}:${port}`,
    port,
    get connections() {
      return seen.connections
    },
    requests: seen.requests,
    close: () => closeServer(server),
  }
}

/** Serves fixed bytes by path, one range at a time: enough for .torrent files and web seeds (BEP 19). */
export function fixed(files: Readonly<Record<string, Buffer>>): RequestListener {
  return (req, res) => {
    const body = files[decodeURIComponent(req.url ?? '')]
    if (!body) return void res.writeHead(404).end()
    const range = /^bytes=(\d+)-(\d+)$/.exec(req.headers.range ?? '')
    if (!range) return void res.writeHead(200, { 'Content-Length': body.length }).end(body)
    const part = body.subarray(Number(range[1]), Number(range[2]) + 1)
    const contentRange = `bytes ${range[1]}-${range[2]}/${body.length}`
    res.writeHead(206, { 'Content-Length': part.length, 'Content-Range': contentRange }).end(part)
  }
}
