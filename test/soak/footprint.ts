import { readdirSync, readFileSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { type Inside, lookInside } from '../support/server/look-inside.ts'
import type { Playlink } from '../support/server/playlink.ts'

/** What a server takes while nobody asks it for anything. */
export interface Footprint {
  readonly heap: number
  readonly external: number
  readonly rss: number
  readonly engineRss: number
  readonly descriptors: number
  readonly engineDescriptors: number
  /** Below CACHE_DIR. */
  readonly files: number
  readonly timers: number
  /** Open in the process, of all kinds. */
  readonly resources: number
}

const descriptorsOf = (pid: number): number => readdirSync(`/proc/${pid}/fd`).length
const rssOf = (pid: number): number =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) * 1024

export async function footprintOf(server: Playlink, insideFile: string): Promise<Footprint> {
  const engine = await server.enginePid()
  const inside: Inside = await lookInside(server, insideFile)
  return {
    heap: inside.heapUsed,
    external: inside.external,
    rss: rssOf(server.pid),
    engineRss: rssOf(engine),
    descriptors: descriptorsOf(server.pid),
    engineDescriptors: descriptorsOf(engine),
    files: (await readdir(server.cacheDir, { recursive: true })).length,
    timers: inside.resources.filter((name) => name === 'Timeout').length,
    resources: inside.resources.length,
  }
}

const LOOK_EVERY_MS = 500

/** The most that it takes from now on, bytes; what it gives back ends the watch and tells. */
export function watchRss({ pid }: Pick<Playlink, 'pid'>): () => number {
  let peak = 0
  const look = setInterval(() => {
    peak = Math.max(peak, rssOf(pid))
  }, LOOK_EVERY_MS)
  return () => {
    clearInterval(look)
    return peak
  }
}
