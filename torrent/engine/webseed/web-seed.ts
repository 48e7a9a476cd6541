import { BLOCK, type Block } from '../blocks/block.ts'
import type { SwarmEvents, SwarmPeer } from '../swarm/swarm.ts'
import { createRangeClient, WebSeedError } from './range-client.ts'
import { type WebSeedFile, webSeedFiles } from './web-seed-files.ts'

/** A web server that holds the torrent's files (BEP 19), as one more peer. */
export interface WebSeed {
  readonly connected: boolean
  close(): void
}

interface Line {
  /** Blocks, numbered in the torrent: the next one, and where its range ends. */
  at: number
  readonly end: number
  readonly stop: AbortController
  wake: () => void
}

/** Two: while one waits for its headers the other delivers. */
const LINES = 2
/** A range's length where pieces are shorter: a wait for headers each, and what a seek throws away. */
const RANGE_BYTES = 4 << 20
const MOST_ASKED = 256
/** Servers look for files on slow disks and send to other machines, peers do not. */
const SILENT_MS = 8000
/** A range nobody asks to go on with. */
const IDLE_MS = 10_000
const AGAIN_MS = 1000
const LONGEST_AGAIN_MS = 60_000

export function openWebSeed(
  url: string,
  torrent: {
    readonly infoBytes: Uint8Array
    readonly pieceLength: number
    readonly length: number
  },
  events: SwarmEvents,
): WebSeed {
  const { pieceLength, length } = torrent
  const files = webSeedFiles(torrent.infoBytes, url)
  const missing = new Set<WebSeedFile>(
    files.filter((file) => file.url === undefined && !file.padding),
  )
  const server = createRangeClient(LINES)
  const blocks = Math.ceil(length / BLOCK)
  const asked = new Set<number>()
  const lines = new Set<Line>()
  let serial = 0
  let peer: SwarmPeer | undefined
  let choked = false
  let failures = 0
  let again: NodeJS.Timeout | undefined
  let pumping = false
  let closed = false

  const sizeOf = (block: number): number => Math.min(BLOCK, length - block * BLOCK)
  const filesOf = (from: number, to: number): WebSeedFile[] =>
    files.filter(({ start, size }) => start < to && start + size > from && size > 0)
  const indexOf = ({ piece, offset }: Block): number => (piece * pieceLength + offset) / BLOCK
  const blockOf = (index: number): Block => {
    const at = index * BLOCK
    const piece = Math.floor(at / pieceLength)
    return { piece, offset: at - piece * pieceLength, length: sizeOf(index) }
  }
  const has = (piece: number): boolean => {
    const from = piece * pieceLength
    for (const { start, size } of missing) {
      if (start < from + pieceLength && start + size > from) return false
    }
    return true
  }
  const isAsked = (from: number, end: number): boolean => {
    for (const index of asked) if (index >= from && index < end) return true
    return false
  }

  function join(): void {
    peer = {
      id: `web seed ${url} ${++serial}`,
      address: url,
      silentMs: SILENT_MS,
      maxQueue: MOST_ASKED,
      has,
      get choked() {
        return choked
      },
      request(block) {
        asked.add(indexOf(block))
        pumpSoon()
      },
      cancel(block) {
        asked.delete(indexOf(block))
      },
      drop: (why) => leave(why === 'liar'),
    }
    events.peer(peer)
  }

  function leave(forGood: boolean): void {
    const gone = peer
    peer = undefined
    asked.clear()
    for (const line of lines) line.stop.abort()
    if (gone) events.peerGone(gone)
    if (forGood) close()
    else if (!closed) later(join)
  }

  function later(what: () => void): void {
    clearTimeout(again)
    const ms = Math.min(AGAIN_MS * 2 ** failures++, LONGEST_AGAIN_MS)
    again = setTimeout(() => !closed && what(), ms)
  }

  function pumpSoon(): void {
    if (pumping) return
    pumping = true
    setImmediate(() => {
      pumping = false
      pump()
    })
  }

  /** A range for every stretch that is asked for; those nobody wants any more give their line. */
  function pump(): void {
    if (closed || choked || !peer) return
    for (const line of lines) line.wake()
    for (const index of asked) {
      if ([...lines].some(({ at, end }) => index >= at && index < end)) continue
      const useless = [...lines].find(({ at, end }) => !isAsked(at, end))
      if (lines.size >= LINES) {
        useless?.stop.abort()
        return
      }
      open(index)
    }
  }

  function open(from: number): void {
    const at = from * BLOCK
    const file = filesOf(at, at + 1)[0]
    const pieceEnd = Math.ceil((at + 1) / pieceLength) * pieceLength
    // From a server without ranges each one would come from the file's beginning.
    const whole = server.ignoresRanges && file ? file.start + file.size : 0
    const to = Math.min(Math.max(pieceEnd, at + RANGE_BYTES, whole), length)
    const end = Math.ceil(to / BLOCK)
    const line: Line = { at: from, end, stop: new AbortController(), wake() {} }
    lines.add(line)
    void read(line)
      .catch((error: unknown) => {
        if (!line.stop.signal.aborted && !closed) failed(error)
      })
      .finally(() => {
        lines.delete(line)
        pumpSoon()
      })
  }

  async function read(line: Line): Promise<void> {
    const { signal } = line.stop
    const buffer = Buffer.allocUnsafe(BLOCK)
    let filled = 0
    for await (const chunk of bytes(line.at * BLOCK, Math.min(line.end * BLOCK, length), signal)) {
      for (let used = 0; used < chunk.length; ) {
        const n = Math.min(chunk.length - used, sizeOf(line.at) - filled)
        chunk.copy(buffer, filled, used, used + n)
        used += n
        filled += n
        if (filled < sizeOf(line.at)) continue
        filled = 0
        if (!(await wanted(line))) return
        const index = line.at++
        if (peer && asked.delete(index)) {
          failures = 0
          events.block(peer, blockOf(index), buffer.subarray(0, sizeOf(index)))
        }
      }
    }
  }

  /** Whether to go on: holds the bytes that have come until somebody wants them or some behind them. */
  async function wanted(line: Line): Promise<boolean> {
    while (!line.stop.signal.aborted && !isAsked(line.at, line.end)) {
      const woken = Promise.withResolvers<boolean>()
      const idle = setTimeout(() => woken.resolve(false), IDLE_MS)
      const stopped = (): void => woken.resolve(false)
      line.stop.signal.addEventListener('abort', stopped, { once: true })
      line.wake = () => woken.resolve(true)
      const goOn = await woken.promise
      clearTimeout(idle)
      line.stop.signal.removeEventListener('abort', stopped)
      if (!goOn) return false
    }
    return !line.stop.signal.aborted
  }

  /** A stretch of the torrent, file by file. */
  async function* bytes(from: number, to: number, signal: AbortSignal): AsyncGenerator<Buffer> {
    for (const file of filesOf(from, to)) {
      const start = Math.max(from - file.start, 0)
      const end = Math.min(to - file.start, file.size)
      try {
        if (file.padding) yield Buffer.alloc(end - start)
        else if (!file.url || missing.has(file)) throw new WebSeedError('missing', 'no such file')
        else yield* server.range(file.url, { start, end, size: file.size }, signal)
      } catch (error) {
        if (error instanceof WebSeedError && error.kind === 'missing') missing.add(file)
        throw error
      }
    }
  }

  function failed(error: unknown): void {
    if (!peer) return
    if (error instanceof WebSeedError && error.kind === 'missing') {
      for (const index of [...asked]) {
        const block = blockOf(index)
        if (!has(block.piece) && asked.delete(index)) events.refused(peer, block)
      }
      if (files.every((file) => missing.has(file) || file.padding)) leave(true)
      return
    }
    // For a while others are asked; what it owed is theirs.
    choked = true
    asked.clear()
    for (const line of lines) line.stop.abort()
    events.peerChanged(peer)
    later(() => {
      choked = false
      if (peer) events.peerChanged(peer)
    })
  }

  function close(): void {
    closed = true
    clearTimeout(again)
    asked.clear()
    for (const line of lines) line.stop.abort()
    server.close()
  }

  if (blocks > 0) join()
  return {
    get connected() {
      return peer !== undefined && !choked
    },
    close,
  }
}
