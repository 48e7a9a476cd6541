import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { type Bench, type Part, withServer } from '../bench.ts'
import { type Contender, fileServers, streamers } from '../contenders.ts'
import { filmOf } from '../films.ts'
import { processFigures } from '../process-figures.ts'
import { read } from '../reader.ts'
import { openSwarm } from '../swarm.ts'

const READERS = 64
const SECONDS = 4
const LUA = new URL('../random-ranges.lua', import.meta.url).pathname
const run = promisify(execFile)

interface Load {
  readonly bytes: number
  readonly requests: number
  readonly microseconds: number
  readonly p99: number
  readonly errors: number
}

/** Ranges at random places of a file that is here: 64 readers, and one, by wrk. */
export const cached: Part = async (bench) => {
  const swarm = await openSwarm(bench.films, bench.tracker)
  const contenders: Record<string, Contender> = { ...fileServers, playlink: streamers.playlink }
  try {
    for (const [name, contender] of Object.entries(contenders)) {
      await ranges(bench, name, contender).catch((error: unknown) =>
        bench.failed('cached ranges', name, error),
      )
    }
  } finally {
    await swarm.close()
  }
}

async function ranges(bench: Bench, name: string, contender: Contender): Promise<void> {
  const film = filmOf(bench.films, 'big')
  await withServer(bench, contender, async (server) => {
    const url = server.url(film, 'torrent')
    await read(url, { film })
    const before = processFigures(server.pid).cpu
    const large = await load(url, film.size, 4 << 20, READERS)
    const cpu = processFigures(server.pid).cpu - before
    bench.note('cached 4 MiB ranges, 64 readers: MB/s', name, large.bytes / large.microseconds)
    bench.note('cached 4 MiB ranges, 64 readers: CPU s/GB', name, cpu / (large.bytes / 1e9))
    const small = await load(url, film.size, 16 << 10, READERS)
    bench.note('cached 16 KiB ranges, 64 readers: requests/s', name, perSecond(small))
    bench.note('cached 16 KiB ranges, 64 readers: p99 (ms)', name, small.p99 / 1000)
    const one = await load(url, film.size, 16 << 10, 1)
    bench.note('cached 16 KiB ranges, one reader: requests/s', name, perSecond(one))
    if (large.errors + small.errors + one.errors > 0) throw new Error('wrk saw errors')
  })
}

const perSecond = ({ requests, microseconds }: Load): number => requests / (microseconds / 1e6)

async function load(url: string, size: number, range: number, readers: number): Promise<Load> {
  const args = ['-t1', `-c${readers}`, `-d${SECONDS}s`, '--timeout', '10s', '-s', LUA, url]
  const env = { ...process.env, FILE_SIZE: String(size), RANGE_SIZE: String(range) }
  const { stdout } = await run('wrk', args, { env })
  const figures = /^FIGURES (.*)$/m.exec(stdout)?.[1]
  if (figures === undefined) throw new Error(`wrk: ${stdout}`)
  return JSON.parse(figures)
}
