import { type Bench, type Part, withServer } from '../bench.ts'
import { type Running, type Streamer, streamers } from '../contenders.ts'
import { filmOf } from '../films.ts'
import { processFigures } from '../process-figures.ts'
import { read } from '../reader.ts'
import { openSwarm } from '../swarm.ts'

const MiB = 1 << 20
const LOOP_RATE = 100e6

/** One fast seeder: first byte, whole file, CPU, memory; and the event loop while 100 MB/s arrive. */
export const cold: Part = async (bench) => {
  const swarm = await openSwarm(bench.films, bench.tracker)
  try {
    for (const name of ['webtorrent', 'libtorrent', 'playlink'] as const) {
      await firstByte(bench, name)
      await wholeFile(bench, name)
    }
    await swarm.seeder.rate(LOOP_RATE)
    await eventLoop(bench)
  } finally {
    await swarm.close()
  }
}

async function firstByte(bench: Bench, name: Streamer): Promise<void> {
  const film = filmOf(bench.films, 'big')
  for (const by of ['magnet', 'torrent'] as const) {
    const figure = `first byte, ${by}, one fast seeder (ms)`
    await withServer(bench, streamers[name], async (server) => {
      const { firstByteMs } = await read(server.url(film, by), { film, leaveAfter: MiB })
      bench.note(figure, name, firstByteMs)
    }).catch((error: unknown) => bench.failed(figure, name, error))
  }
}

async function wholeFile(bench: Bench, name: Streamer): Promise<void> {
  const film = filmOf(bench.films, 'big')
  await withServer(bench, streamers[name], async (server) => {
    const before = processFigures(server.pid)
    const { totalMs } = await read(server.url(film, 'torrent'), { film })
    const after = processFigures(server.pid)
    bench.note('cold MB/s', name, film.size / 1000 / totalMs)
    bench.note('cold CPU s/GB, HTTP included', name, (after.cpu - before.cpu) / (film.size / 1e9))
    bench.note('peak memory, all processes (MiB)', name, after.peak)
  }).catch((error: unknown) => bench.failed('cold MB/s', name, error))
}

/** Only ours tells of it. */
async function eventLoop(bench: Bench): Promise<void> {
  const film = filmOf(bench.films, 'big')
  const figure = 'event loop delay of the HTTP process, p99 (ms)'
  await withServer(bench, streamers.playlink, async (server) => {
    await eventLoopDelay(server)
    await read(server.url(film, 'torrent'), { film })
    bench.note(figure, 'playlink', await eventLoopDelay(server))
  }).catch((error: unknown) => bench.failed(figure, 'playlink', error))
}

/** Since it was last asked. */
async function eventLoopDelay({ url }: Running): Promise<number> {
  const origin = new URL(url({ imdbId: 'tt0000000', magnet: '', torrent: '' } as never, 'torrent'))
  const text = await fetch(new URL('/metrics', origin)).then(
    (answer) => answer.text(),
    () => '',
  )
  const seconds = /^nodejs_eventloop_lag_p99_seconds (\S+)$/m.exec(text)?.[1]
  return seconds === undefined ? Number.NaN : Number(seconds) * 1000
}
