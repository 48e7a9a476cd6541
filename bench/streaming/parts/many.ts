import { type Bench, type Part, withServer } from '../bench.ts'
import { type Streamer, streamers } from '../contenders.ts'
import { type Film, filmOf, TEN } from '../films.ts'
import { type ReadOutcome, read } from '../reader.ts'
import { type BenchSwarm, openSwarm } from '../swarm.ts'

const VIEWERS = 20

/** Twenty viewers of one cold torrent, and ten cold torrents at once, from one fast seeder. */
export const many: Part = async (bench) => {
  const swarm = await openSwarm(bench.films, bench.tracker)
  try {
    for (const name of ['webtorrent', 'torrent-stream', 'libtorrent', 'playlink'] as const) {
      await twenty(bench, swarm, name)
      await ten(bench, name)
    }
  } finally {
    await swarm.close()
  }
}

async function twenty(bench: Bench, swarm: BenchSwarm, name: Streamer): Promise<void> {
  const film = filmOf(bench.films, 'shared')
  const before = await swarm.seeder.uploaded(film.infoHash)
  await atOnce(bench, name, Array<Film>(VIEWERS).fill(film), (outcomes) => {
    const times = outcomes.map(({ firstByteMs }) => firstByteMs).sort((a, b) => a - b)
    const median = times[Math.floor(times.length / 2)] ?? Number.NaN
    bench.note('20 cold viewers of one torrent: first byte p50 (ms)', name, median)
  })
  const sent = (await swarm.seeder.uploaded(film.infoHash)) - before
  bench.note('20 cold viewers of one torrent: times fetched', name, sent / film.size)
}

async function ten(bench: Bench, name: Streamer): Promise<void> {
  const films = TEN.map((of) => filmOf(bench.films, of))
  await atOnce(bench, name, films, (outcomes) => {
    const bytes = outcomes.reduce((sum, outcome) => sum + outcome.bytes, 0)
    const worst = Math.max(...outcomes.map(({ firstByteMs }) => firstByteMs))
    const last = Math.max(...outcomes.map(({ totalMs }) => totalMs))
    bench.note('10 cold torrents at once: MB/s', name, bytes / 1000 / last)
    bench.note('10 cold torrents at once: worst first byte (ms)', name, worst)
  })
}

async function atOnce(
  bench: Bench,
  name: Streamer,
  films: readonly Film[],
  done: (outcomes: readonly ReadOutcome[]) => void,
): Promise<void> {
  await withServer(bench, streamers[name], async (server) => {
    const reads = films.map((film) => read(server.url(film, 'torrent'), { film }))
    done(await Promise.all(reads))
  }).catch((error: unknown) => bench.failed(`${films.length} at once`, name, error))
}
