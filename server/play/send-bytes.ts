import type { IncomingMessage, ServerResponse } from 'node:http'
import type { ByteRange, ByteReader } from '../../common/byte-reader.ts'
import { Fault } from '../../common/errors.ts'
import type { Playable } from '../../player/files/playable.ts'
import type { BufferPool } from './buffer-pool.ts'
import { bytesAnswer } from './bytes-answer.ts'
import type { Sendfile } from './sendfile.ts'

/** Bodies up to this go out in one write, headers and all. */
const SMALL = 64 * 1024

export interface SendBytesOptions {
  readonly pool: BufferPool
  /** A client that takes nothing for so long is cut: 15 minutes, for a paused player is no attack. */
  readonly undrainedMs: number
  readonly sendfile?: Sendfile | undefined
}

/** What became of the body, for the line in the log; filled in as it goes. */
export interface Sent {
  /** More of the body was taken by the system. */
  took(bytes: number): void
  /** Called once, when the headers go out with the first bytes of `range`; answers its Server-Timing. */
  begun(range: ByteRange | undefined): string
}

interface Outlet {
  /** True when the system took it and the buffer may be used again, false when the response closed first. */
  write(chunk: Buffer, last: boolean): Promise<boolean>
  /** The response has closed. */
  close(): void
}

/** Hands chunks over, one at a time; at most one timer a body, for a chunk is little and they are many. */
function createOutlet(res: ServerResponse, sent: Sent, undrainedMs: number): Outlet {
  let settle: ((taken: boolean) => void) | undefined
  let timer: NodeJS.Timeout | undefined

  function watch(): void {
    // While nothing waits to be taken the silence is not the client's.
    timer ??= setTimeout(() => settle && res.destroy(), undrainedMs)
    timer.refresh()
  }

  return {
    write(chunk, last) {
      if (res.destroyed) return Promise.resolve(false)
      return new Promise((resolve) => {
        settle = (taken) => {
          settle = undefined
          // Counted here: after the await the response may have closed, and its line been written.
          if (taken) sent.took(chunk.length)
          resolve(taken)
        }
        const written = (error?: Error | null): void => settle?.(!error && !res.destroyed)
        if (last) res.end(chunk, written)
        else res.write(chunk, written)
        // What the system took at once nobody waits for: most small bodies have no timer.
        if (timer || res.writableLength > 0) watch()
      })
    },
    close() {
      clearTimeout(timer)
      settle?.(false)
    },
  }
}

/** Fills the rest of the buffer up to `wanted` bytes; a small body is whole before its headers go out. */
async function fill(
  reader: ByteReader,
  buffer: Buffer,
  begun: number,
  wanted: number,
): Promise<number> {
  let filled = begun
  while (filled < wanted) {
    const n = await reader.read(buffer.subarray(filled, wanted))
    if (n === 0) break
    filled += n
  }
  return filled
}

/**
 * Reads and writes in turn: the next read begins when the client has taken the last chunk, so a
 * slow reader holds one buffer and pulls nothing ahead of itself.
 */
async function sendBody(
  res: ServerResponse,
  reader: ByteReader,
  length: number,
  head: () => void,
  outlet: Outlet,
  pool: BufferPool,
): Promise<void> {
  let left = length
  while (left > 0) {
    // Taken anew for each chunk: a reader that got a small one while the pool was short grows again.
    const buffer = pool.take(left)
    let reusable = false
    try {
      const wanted = Math.min(left, buffer.length)
      let n = await reader.read(wanted === buffer.length ? buffer : buffer.subarray(0, wanted))
      if (n > 0 && n < length && wanted === length && length <= SMALL) {
        n = await fill(reader, buffer, n, wanted)
      }
      if (n <= 0) throw new Fault('INTERNAL', {}, { cause: new Error(`${left} bytes short`) })
      if (res.destroyed) return
      if (left === length) head()
      left -= n
      reusable = await outlet.write(
        n === buffer.length ? buffer : buffer.subarray(0, n),
        left === 0,
      )
      if (!reusable) return
    } finally {
      if (reusable) pool.give(buffer)
      else pool.drop(buffer)
    }
  }
}

/**
 * Answers a GET with the bytes asked for: 200, 206, 304 or 416 (RFC 9110). The first read comes
 * before the headers, so what fails until then is still an error with its own status; after them
 * the caller destroys the socket. Takes the playable over: it is released, and its reader closed,
 * exactly once, when the response has closed.
 * @throws Fault RANGE_NOT_SATISFIABLE, and what reader.read throws
 */
export async function sendBytes(
  req: IncomingMessage,
  res: ServerResponse,
  playable: Extract<Playable, { kind: 'bytes' }>,
  sent: Sent,
  options: SendBytesOptions,
): Promise<void> {
  if (res.destroyed) return playable.release()
  let reader: ByteReader | undefined
  const outlet = createOutlet(res, sent, options.undrainedMs)
  let handedOver = false
  res.on('close', () => {
    outlet.close()
    reader?.close()
    if (handedOver) options.sendfile?.releaseLater(playable.release)
    else playable.release()
  })
  const answer = bytesAnswer(req.headers, playable)
  if (answer.status === 416) {
    for (const [name, value] of Object.entries(answer.headers)) res.setHeader(name, value)
    throw new Fault('RANGE_NOT_SATISFIABLE')
  }
  const head = (): void => {
    const range = answer.status === 304 ? undefined : answer.range
    const timing = sent.begun(range)
    if (timing !== '') answer.headers['Server-Timing'] = timing
    res.writeHead(answer.status, answer.headers)
  }
  if (answer.status === 304 || answer.range === undefined) {
    head()
    res.end()
    return
  }
  const instead = options.sendfile?.headersFor(req, playable, answer)
  if (instead) {
    handedOver = true
    res.writeHead(answer.status, { ...instead, 'Server-Timing': sent.begun(answer.range) })
    res.end()
    return
  }
  const { range } = answer
  reader = playable.read(range)
  await sendBody(res, reader, range.end - range.start + 1, head, outlet, options.pool)
}
