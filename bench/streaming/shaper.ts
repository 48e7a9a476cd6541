// A userspace shaper in front of seeders: delay, rate, slow start and stalls. A process of its own, so
// that its timers do not disturb who measures. Argument: JSON of ShapedLink[]; prints the addresses it
// listens on. The rate is the seeder's line, shared by its connections; a connection's window begins
// with ten segments and doubles every round trip, as TCP's slow start (RFC 6928) does.

import { connect, createServer, type Socket } from 'node:net'
import type { ShapedLink } from './links.ts'

const CHUNK = 16 << 10
const MOST_QUEUED = 512 << 10
const FIRST_WINDOW = 14_600
const LARGEST_WINDOW = 8_000_000

/** When `bytes` that came now may go out: milliseconds of performance.now(). */
type Due = (bytes: number) => number

function carry(from: Socket, to: Socket, due: Due): () => void {
  const queue: { at: number; chunk: Buffer }[] = []
  let timer: NodeJS.Timeout | undefined
  let queued = 0
  const pump = (): void => {
    timer = undefined
    const now = performance.now()
    for (let head = queue[0]; head && head.at <= now + 0.5; head = queue[0]) {
      queue.shift()
      queued -= head.chunk.length
      if (!to.destroyed) to.write(head.chunk)
    }
    const roomy = queued < MOST_QUEUED && to.writableLength < 2 * MOST_QUEUED
    if (roomy && from.isPaused()) from.resume()
    const next = queue[0]
    if (next && Number.isFinite(next.at)) timer = setTimeout(pump, Math.max(1, next.at - now))
    else if (!next && from.isPaused()) timer = setTimeout(pump, 5)
  }
  from.on('data', (data: Buffer) => {
    for (let i = 0; i < data.length; i += CHUNK) {
      const chunk = data.subarray(i, i + CHUNK)
      queue.push({ at: due(chunk.length), chunk })
      queued += chunk.length
    }
    if (queued > MOST_QUEUED) from.pause()
    if (!timer) pump()
  })
  return () => clearTimeout(timer)
}

function payloadDue(link: ShapedLink, line: { freeAt: number }): Due {
  let passed = 0
  let windowStart = 0
  let left = 0
  let size = FIRST_WINDOW
  return (bytes) => {
    passed += bytes
    if (link.stallAfter !== undefined && passed > link.stallAfter) return Number.POSITIVE_INFINITY
    line.freeAt = Math.max(line.freeAt, performance.now()) + (bytes / link.rate) * 1000
    let at = line.freeAt
    if (size < LARGEST_WINDOW) {
      if (at > windowStart + link.rttMs) {
        if (windowStart > 0) size *= 2
        windowStart = at
        left = size
      }
      for (left -= bytes; left < 0; left += size) {
        windowStart += link.rttMs
        size *= 2
      }
      at = Math.max(at, windowStart)
    }
    return at + link.rttMs / 2
  }
}

function shape(link: ShapedLink): Promise<string> {
  const [host = '', port = ''] = link.to.split(':')
  const line = { freeAt: 0 }
  const server = createServer({ noDelay: true }, (near) => {
    const openAt = performance.now() + link.rttMs
    const far = connect({ host, port: Number(port), noDelay: true })
    const stops = [
      carry(near, far, () => Math.max(performance.now(), openAt) + link.rttMs / 2),
      carry(far, near, payloadDue(link, line)),
    ]
    const end = (): void => {
      near.destroy()
      far.destroy()
      for (const stop of stops) stop()
    }
    for (const socket of [near, far]) socket.on('error', end).on('close', end)
  })
  return new Promise((resolve) => {
    server.listen(0, link.listen, () => {
      const address = server.address()
      resolve(`${link.listen}:${typeof address === 'object' ? address?.port : ''}`)
    })
  })
}

const links: readonly ShapedLink[] = JSON.parse(process.argv[2] ?? '[]')
process.stdout.write(`${JSON.stringify(await Promise.all(links.map(shape)))}\n`)
// The end of our input is our end: a dead parent leaves no shaper behind.
process.stdin.resume().once('end', () => process.exit(0))
