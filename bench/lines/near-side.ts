// One viewer at the near end of a line, and the server that he watches by. Argument: JSON of NearPlan.
// Prints JSON: the figures by their names.

import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Streamer, streamers } from '../streaming/contenders.ts'
import type { Film } from '../streaming/films.ts'
import { read } from '../streaming/reader.ts'
import { view } from '../streaming/viewer.ts'
import type { Viewer } from './shapes.ts'

export interface NearPlan {
  readonly contender: Streamer
  readonly viewer: Viewer
  readonly film: Omit<Film, 'bytes'>
  /** Folder of the catalogue. */
  readonly films: string
}

const MiB = 1 << 20
/** A server has been running for a while when a viewer comes. */
const SETTLE_MS = 500
const READ_MS = 240_000
const WATCH_SECONDS = 30
const MEGABITS = 25

const plan: NearPlan = JSON.parse(process.argv[2] ?? '')
const film: Film = {
  ...plan.film,
  bytes: await readFile(join(plan.film.folder, `${plan.film.name}.mkv`)),
}

async function readWhole(url: string): Promise<Record<string, number>> {
  const since = performance.now()
  let lastAt = Number.NaN
  let longest = 0
  let eight = Number.NaN
  const { firstByteMs, totalMs } = await read(url, {
    ...{ film, timeoutMs: READ_MS },
    onProgress(bytes) {
      const now = performance.now()
      if (now - lastAt > longest) longest = now - lastAt
      lastAt = now
      if (bytes >= 8 * MiB && Number.isNaN(eight)) eight = now - since
    },
  })
  return {
    ...{ 'first byte (ms)': firstByteMs, 'first 8 MiB (ms)': eight },
    ...{ 'in order, MB/s': film.size / 1000 / totalMs, 'longest wait (ms)': longest },
  }
}

/** He has begun at the start, the connection stays open, and jumps. */
async function seek(url: string): Promise<Record<string, number>> {
  const begun = Promise.withResolvers<void>()
  const at = Math.floor(film.size * 0.75) + 12_345
  const first = read(url, {
    ...{ film, leaveAfter: film.size / 2, timeoutMs: READ_MS },
    onProgress: (bytes) => bytes > MiB && begun.resolve(),
  })
  first.catch(begun.reject)
  await begun.promise
  const { firstByteMs } = await read(url, { film, at, length: 64 << 10 })
  return { 'seek to 75 % (ms)': firstByteMs }
}

async function watch(url: string): Promise<Record<string, number>> {
  const seconds = WATCH_SECONDS
  const { startMs, stalls, stalledMs } = await view(url, {
    ...{ size: film.size, megabits: MEGABITS, seconds, seekAfter: seconds },
  })
  return { 'start (ms)': startMs, stalls, 'stalled (ms)': stalledMs }
}

async function withServer<T>(work: (url: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'playlink-line-'))
  try {
    const server = await streamers[plan.contender](folder, plan.films)
    try {
      await sleep(SETTLE_MS)
      return await work(server.url(film, 'magnet'))
    } finally {
      await server.stop()
    }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

const works = { read: readWhole, seek, watch }
process.stdout.write(`${JSON.stringify(await withServer(works[plan.viewer]))}\n`)
