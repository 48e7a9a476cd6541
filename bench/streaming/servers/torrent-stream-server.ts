// torrent-stream, the engine of peerflix and its kin. Arguments: folder, its node_modules' folder.
// GET /?uri=<magnet or .torrent path> answers with the film, ranges honoured. Prints its port.

import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import type { Readable } from 'node:stream'
import { parseRange } from '../../../common/range.ts'

interface Engine {
  readonly files: readonly {
    readonly length: number
    createReadStream(range: { start: number; end: number }): Readable
  }[]
  on(event: 'ready' | 'error', seen: () => void): void
}

const [, , folder = '', modules = ''] = process.argv
const torrentStream = createRequire(`${modules}/`)('torrent-stream') as (
  torrent: string | Buffer,
  options: object,
) => Engine

const known = new Map<string, Promise<Engine>>()
function engineOf(uri: string): Promise<Engine> {
  const found = known.get(uri)
  if (found) return found
  const engine = torrentStream(uri.startsWith('magnet:') ? uri : readFileSync(uri), {
    ...{ dht: false, connections: 100, uploads: 0, verify: true },
    ...{ path: `${folder}/${known.size}`, tmp: folder },
  })
  engine.on('error', () => {})
  const ready = new Promise<Engine>((done) => engine.on('ready', () => done(engine)))
  known.set(uri, ready)
  return ready
}
// It throws out of its timers now and then; a bench goes on.
process.on('uncaughtException', (error) => process.stderr.write(`torrent-stream: ${error}\n`))

const server = createServer(async (req, res) => {
  const uri = new URL(req.url ?? '', 'http://x').searchParams.get('uri') ?? ''
  const film = (await engineOf(uri)).files[0]
  if (!film) return void res.writeHead(404).end()
  const asked = parseRange(req.headers.range, film.length)
  const range = asked.kind === 'part' ? asked.range : { start: 0, end: film.length - 1 }
  res.writeHead(asked.kind === 'part' ? 206 : 200, {
    'Content-Length': range.end - range.start + 1,
    'Content-Type': 'video/mp4',
  })
  const stream = film.createReadStream(range)
  stream.on('error', () => res.destroy())
  res.on('close', () => stream.destroy())
  stream.pipe(res)
})
server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`${(server.address() as AddressInfo).port}\n`)
})
