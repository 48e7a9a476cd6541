// The least that Node does for a range of a file: one `fs.read` of an open descriptor into a buffer that
// is used again, one `write`. Ranges of one file only, no checks. Argument: folder. Prints its port.

import { fstatSync, openSync, read } from 'node:fs'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'

const folder = process.argv[2] ?? ''
const CHUNK = 256 * 1024
const files = new Map<string, { readonly fd: number; readonly size: number }>()
const idle: Buffer[] = []

function fileOf(path: string) {
  const known = files.get(path)
  if (known) return known
  const fd = openSync(join(folder, path), 'r')
  const file = { fd, size: fstatSync(fd).size }
  files.set(path, file)
  return file
}

/** Reads and writes in turn, from `at` up to and with `end`. */
function send(res: ServerResponse, fd: number, buffer: Buffer, at: number, end: number): void {
  read(fd, buffer, 0, Math.min(CHUNK, end + 1 - at), at, (error, got) => {
    if (error || got === 0 || res.destroyed) {
      idle.push(buffer)
      res.destroy()
      return
    }
    const chunk = buffer.subarray(0, got)
    if (at + got > end) res.end(chunk, () => idle.push(buffer))
    else res.write(chunk, () => send(res, fd, buffer, at + got, end))
  })
}

const server = createServer((req, res) => {
  const { fd, size } = fileOf(req.url ?? '')
  const asked = /^bytes=(\d+)-(\d*)$/.exec(req.headers.range ?? '')
  const start = Number(asked?.[1] ?? 0)
  const end = asked?.[2] ? Number(asked[2]) : size - 1
  res.writeHead(asked ? 206 : 200, {
    'Content-Length': end + 1 - start,
    'Content-Type': 'video/x-matroska',
    ...(asked && { 'Content-Range': `bytes ${start}-${end}/${size}` }),
  })
  send(res, fd, idle.pop() ?? Buffer.allocUnsafeSlow(CHUNK), start, end)
})
server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`${(server.address() as AddressInfo).port}\n`)
})
