// What a warm list costs: `node bench/lists.ts [sources] [titles]`, by default 50 and 20. A whole
// server, one upstream addon on loopback, and wrk (Debian's package) asking for lists that are known.
// The server is one process of one thread, so lists a second of CPU are lists a second of a core.

import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { startPlaylink } from '../test/support/server/playlink.ts'
import { ask } from '../test/support/server/request.ts'
import { streamManifest } from '../test/support/stream-manifest.ts'
import { startWeb } from '../test/support/web.ts'
import { leaveNothingBehind } from './left-behind.ts'

const [sources = 50, titles = 20] = process.argv.slice(2).map(Number)
const SECONDS = 5
/** Linux: clock ticks a second, as /proc counts CPU time. */
const TICKS = 100
const print = (text: string): void => void process.stdout.write(`${text}\n`)
const run = promisify(execFile)
const idOf = (n: number): string => `tt${String(9_100_000 + n)}`

const streams = Array.from({ length: sources }, (_, n) => ({
  infoHash: (n + 1).toString(16).padStart(40, '0'),
  title: `A.Film.Of.Some.Length.2001.${n % 2 ? '1080p' : '2160p'}.WEB-DL.x265-GRP${n}\n👤 ${n} 💾 ${n + 1}.5 GB`,
  behaviorHints: { filename: `A.Film.Of.Some.Length.2001.1080p.WEB-DL.x265-GRP${n}.mkv` },
}))

async function cpuSeconds(pid: number): Promise<number> {
  const fields = (await readFile(`/proc/${pid}/stat`, 'utf8')).split(') ')[1]?.split(' ') ?? []
  return (Number(fields[11]) + Number(fields[12])) / TICKS
}

leaveNothingBehind()
const folder = await mkdtemp(join(tmpdir(), 'playlink-lists-'))
const web = await startWeb((req, res) => {
  res.end(JSON.stringify(req.url === '/manifest.json' ? streamManifest : { streams }))
})
const server = await startPlaylink(folder, {
  UPSTREAM_ADDONS: `${web.base}/manifest.json#upstream`,
})
try {
  const urls = Array.from({ length: titles }, (_, n) => `/stream/movie/${idOf(n)}.json`)
  for (const url of urls) await ask(server.base + url)
  const script = join(folder, 'lists.lua')
  const list = urls.map((url) => `"${url}"`).join(',')
  await writeFile(
    script,
    `local urls = {${list}}\nlocal n = 0\nfunction request()\n  n = n + 1\n  return wrk.format("GET", urls[n % #urls + 1])\nend\n`,
  )
  for (const connections of [1, 16]) {
    const before = await cpuSeconds(server.pid)
    const wrk = ['-t1', `-c${connections}`, `-d${SECONDS}s`, '--latency', '-s', script, server.base]
    const { stdout } = await run('wrk', wrk)
    const cpu = (await cpuSeconds(server.pid)) - before
    const requests = Number(/(\d+) requests in/.exec(stdout)?.[1])
    const [p50, p99] = [50, 99].map((p) => new RegExp(`${p}%\\s+(\\S+)`).exec(stdout)?.[1])
    print(
      `${sources} sources, ${titles} titles, ${connections} at once: ` +
        `${Math.round(requests / SECONDS)} lists/s, ${Math.round(requests / cpu)} a CPU second, ` +
        `p50 ${p50}, p99 ${p99}${/Non-2xx/.test(stdout) ? ', SOME FAILED' : ''}`,
    )
  }
} finally {
  await server.stop()
  await web.close()
  await rm(folder, { recursive: true, force: true })
}
