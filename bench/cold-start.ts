// `npm run bench:start`: from the command to the first answer of /health, in milliseconds, and the memory of
// server and engine 3 s later. The clone (npm start's Node and flags) and the package (bin/playlink.mjs,
// laid where npm would lay it) by turns, each without compiled code and with what the start before left.

import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { installPackage } from '../test/support/server/installed.ts'
import { environment, type Launch, launch, logLines } from '../test/support/server/playlink.ts'
import { childrenOf, exitOf, killGroup } from '../test/support/server/processes.ts'
import { median } from './streaming/report.ts'

const RUNS = Number(process.argv[2] ?? 7)
const MIB = 2 ** 20

interface Sample {
  readonly ms: number
  readonly rss: number
}

const rssOf = (pid: number): number =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) * 1024

/** Polls, for nothing tells the first moment: 2 ms is its exactness. */
async function health(log: () => string): Promise<void> {
  for (;;) {
    const port = logLines(log()).find(({ msg }) => msg === 'listening')?.port
    if (port !== undefined) {
      const { ok } = await fetch(`http://127.0.0.1:${port}/health`)
      if (ok) return
    }
    await sleep(2)
  }
}

async function start(folder: string, compiled: string, how: Launch): Promise<Sample> {
  const home = mkdtempSync(join(folder, 'home-'))
  // Nothing is preloaded here: what keeps tests on this machine is TypeScript too.
  const env = { ...environment(home, { NODE_COMPILE_CACHE: compiled }), NODE_OPTIONS: '' }
  const began = performance.now()
  const { child, log } = launch(env, how)
  try {
    await health(log)
    const ms = performance.now() - began
    await sleep(3000)
    const pid = child.pid ?? 0
    return { ms, rss: [pid, ...childrenOf(pid)].map(rssOf).reduce((a, b) => a + b) }
  } finally {
    killGroup(child.pid ?? 0, 'SIGTERM')
    await exitOf(child)
  }
}

const folder = mkdtempSync(join(tmpdir(), 'playlink-cold-start-'))
try {
  const installed = installPackage(folder)
  const kinds: readonly [string, Launch][] = [
    ['clone', {}],
    ['package', { args: [installed.program], cwd: installed.folder }],
  ]
  const samples = new Map<string, Sample[]>()
  for (let round = 0; round < RUNS; round++) {
    for (const [name, how] of kinds) {
      const compiled = join(folder, `compiled-${name}-${round}`)
      for (const state of ['first start', 'later start']) {
        const key = `${name}, ${state}`
        samples.set(key, [...(samples.get(key) ?? []), await start(folder, compiled, how)])
      }
    }
  }
  const ms = (key: string): number => median((samples.get(key) ?? []).map((one) => one.ms))
  console.log(`| start (${RUNS} each, medians) | to /health | of the clone's | memory |`)
  console.log('| --- | --- | --- | --- |')
  for (const [key, all] of samples) {
    const share = ms(key) / ms(key.replace('package', 'clone'))
    const rss = median(all.map((one) => one.rss)) / MIB
    console.log(
      `| ${key} | ${ms(key).toFixed(0)} ms | ${share.toFixed(2)} | ${rss.toFixed(0)} MiB |`,
    )
  }
} finally {
  rmSync(folder, { recursive: true, force: true })
}
