import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { mediaType } from '../common/media-types.ts'
import { parseRange } from '../common/range.ts'
import type { Tracker } from './tracker.ts'

export interface LoopbackWeb {
  /** What torrents name as their tracker. */
  readonly announceUrl: string
  /** Where the film lies. */
  readonly filmUrl: string
  close(): Promise<void>
}

export interface Film {
  readonly name: string
  readonly bytes: Buffer
}

/** A web server on loopback, on any free port: the tracker, and one film as a plain link. */
export async function startLoopbackWeb(tracker: Tracker, film: Film): Promise<LoopbackWeb> {
  const server = createServer((req, res) => {
    const url = URL.parse(req.url ?? '', 'http://127.0.0.1')
    if (url?.pathname === '/announce') {
      res.end(tracker.announce(url.search, req.socket.remoteAddress ?? ''))
    } else if (url?.pathname === `/films/${film.name}`) sendFilm(film, req, res)
    else res.writeHead(404).end()
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', resolve)
  })
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    announceUrl: `${base}/announce`,
    filmUrl: `${base}/films/${film.name}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

/** 200, 206 or 416; GET and HEAD. */
function sendFilm({ name, bytes }: Film, req: IncomingMessage, res: ServerResponse): void {
  if (req.method !== 'GET' && req.method !== 'HEAD') {
    res.writeHead(405, { Allow: 'GET, HEAD' }).end()
    return
  }
  const size = bytes.length
  const asked = parseRange(req.headers.range, size)
  res.setHeader('Accept-Ranges', 'bytes')
  // Stremio's web player and others fetch from pages of their own.
  res.setHeader('Access-Control-Allow-Origin', '*')
  if (asked.kind === 'unsatisfiable') {
    res.writeHead(416, { 'Content-Range': `bytes */${size}` }).end()
    return
  }
  const { start, end } = asked.kind === 'part' ? asked.range : { start: 0, end: size - 1 }
  const headers = { 'Content-Type': mediaType(name), 'Content-Length': end - start + 1 }
  if (asked.kind === 'whole') res.writeHead(200, headers)
  else res.writeHead(206, { ...headers, 'Content-Range': `bytes ${start}-${end}/${size}` })
  res.end(req.method === 'HEAD' ? undefined : bytes.subarray(start, end + 1))
}
