import { get as httpGet, type IncomingMessage } from 'node:http'
import type { Film } from './films.ts'

export interface ReadPlan {
  readonly film: Film
  /** First byte wanted; with `length` a range, without one the rest. */
  readonly at?: number
  readonly length?: number
  /** Leave after so many bytes. */
  readonly leaveAfter?: number
  /** Milliseconds for all of it. */
  readonly timeoutMs?: number
  /** Called with the bytes so far. */
  onProgress?(bytes: number): void
}

export interface ReadOutcome {
  readonly bytes: number
  /** Milliseconds from the call. */
  readonly firstByteMs: number
  readonly totalMs: number
}

/**
 * One GET, redirects followed. Every byte is compared with the film's.
 * @throws Error for wrong bytes, a short answer, a status that is no success, or time over
 */
export function read(url: string, plan: ReadPlan): Promise<ReadOutcome> {
  const { film, at = 0, timeoutMs = 120_000 } = plan
  const last = Math.min(film.size, at + (plan.length ?? film.size)) - 1
  const wanted = Math.min(last + 1 - at, plan.leaveAfter ?? Number.POSITIVE_INFINITY)
  const since = performance.now()
  const headers = plan.at === undefined ? {} : { Range: `bytes=${at}-${last}` }
  return new Promise((resolve, reject) => {
    const timer = setTimeout(
      () => end(new Error(`${url}: no end after ${timeoutMs} ms`)),
      timeoutMs,
    )
    let leave = (): void => {}
    let bytes = 0
    let firstByteMs = Number.NaN
    const end = (error?: Error): void => {
      clearTimeout(timer)
      leave()
      if (error) reject(error)
      else resolve({ bytes, firstByteMs, totalMs: performance.now() - since })
    }
    const take = (chunk: Buffer): void => {
      if (bytes === 0) firstByteMs = performance.now() - since
      const from = at + bytes
      if (!chunk.equals(film.bytes.subarray(from, from + chunk.length))) {
        end(new Error(`${url}: wrong bytes at ${from}`))
        return
      }
      bytes += chunk.length
      plan.onProgress?.(bytes)
      if (bytes >= wanted) end()
    }
    const follow = (next: string): void => {
      const req = httpGet(next, { agent: false, headers }, (res: IncomingMessage) => {
        const { location } = res.headers
        if (location) {
          res.resume()
          return follow(new URL(location, next).href)
        }
        if ((res.statusCode ?? 500) >= 300) return end(new Error(`${next}: ${res.statusCode}`))
        res.on('data', take)
        res.on('end', () => end(bytes < wanted ? new Error(`${next}: short`) : undefined))
        res.on('error', end)
      })
      req.on('error', end)
      leave = () => req.destroy()
    }
    follow(url)
  })
}
