import { type Bench, type Part, withServer } from '../bench.ts'
import { type Running, type Streamer, streamers } from '../contenders.ts'
import { filmOf } from '../films.ts'
import type { Profile } from '../links.ts'
import { read } from '../reader.ts'
import { openSwarm } from '../swarm.ts'
import { view } from '../viewer.ts'

const MiB = 1 << 20
const KiB = 1 << 10
const RUNNERS = ['webtorrent', 'torrent-stream', 'libtorrent', 'playlink'] as const

/** Eight peers on lines of their own: first byte, cold seeks, and a player of 25 Mbit/s. */
export const shaped: Part = async (bench) => {
  for (const name of RUNNERS) {
    for (const by of ['magnet', 'torrent'] as const) {
      const start = (server: Running) => firstByte(bench, name, by, server)
      await inSwarm(bench, 'eight', name, `first byte, ${by}`, start)
    }
    await inSwarm(bench, 'eight', name, 'cold seek', (server) => seeks(bench, name, server))
    if (name === 'torrent-stream') continue
    for (const profile of ['eight', 'tight'] as const) {
      const watch = (server: Running) => watchRich(bench, name, profile, server)
      await inSwarm(bench, profile, name, `25 Mbit/s player, ${profile}`, watch)
    }
  }
}

async function inSwarm(
  bench: Bench,
  profile: Profile,
  name: Streamer,
  figure: string,
  work: (server: Running) => Promise<void>,
): Promise<void> {
  const swarm = await openSwarm(bench.films, bench.tracker, profile)
  try {
    await withServer(bench, streamers[name], work)
  } catch (error) {
    bench.failed(figure, name, error)
  } finally {
    await swarm.close()
  }
}

async function firstByte(bench: Bench, name: Streamer, by: 'magnet' | 'torrent', server: Running) {
  const film = filmOf(bench.films, 'light')
  const { firstByteMs } = await read(server.url(film, by), { film, leaveAfter: 64 * KiB })
  bench.note(`first byte, ${by}, eight (ms)`, name, firstByteMs)
}

/** Somebody has just begun at the start, the connection stays open, and jumps. */
async function seeks(bench: Bench, name: Streamer, server: Running): Promise<void> {
  const film = filmOf(bench.films, 'rich')
  const url = server.url(film, 'torrent')
  const begun = Promise.withResolvers<void>()
  const first = read(url, {
    film,
    leaveAfter: 2 * MiB,
    onProgress: (bytes) => bytes > MiB && begun.resolve(),
  })
  first.catch(begun.reject)
  await begun.promise
  for (const [figure, at] of [
    ['cold seek to 75 %, eight (ms)', Math.floor(film.size * 0.75) + 12_345],
    ['cold seek to the last 64 KiB, eight (ms)', film.size - 64 * KiB],
  ] as const) {
    const { firstByteMs } = await read(url, { film, at, length: 64 * KiB })
    bench.note(figure, name, firstByteMs)
  }
  await first
}

async function watchRich(bench: Bench, name: Streamer, profile: Profile, server: Running) {
  const film = filmOf(bench.films, 'rich')
  const plan = { size: film.size, megabits: 25, seconds: 18, seekAfter: 10 }
  const seen = await view(server.url(film, 'magnet'), plan)
  bench.note(`25 Mbit/s player, ${profile}: start (ms)`, name, seen.startMs)
  bench.note(`25 Mbit/s player, ${profile}: stalls`, name, seen.stalls)
  bench.note(`25 Mbit/s player, ${profile}: seek (ms)`, name, seen.seekMs)
}
