// Preloaded into a server that a test or bench looks into: at SIGUSR2 it writes what only the process
// itself knows. In its other threads and its engine it does nothing.

import { renameSync, writeFileSync } from 'node:fs'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { isMainThread } from 'node:worker_threads'
import { type Hold, Holds, ownWork } from './holds.ts'

const LOOK_EVERY_MS = 5
const file = process.env.INSIDE_FILE
/** Only where it is asked for: it makes every promise slower. */
const watchesHolds = process.env.INSIDE_HOLDS === 'on'

const NOT_WATCHED: Hold = { cpuMs: 0, what: 'not watched' }

/** Since the last signal. */
let longestCpu = 0
function watchTurns(): void {
  let before = ownWork()
  // One turn of the loop at most lies between two looks that are late.
  setInterval(() => {
    const now = ownWork()
    longestCpu = Math.max(longestCpu, now - before)
    before = now
  }, LOOK_EVERY_MS).unref()
}

if (file !== undefined && isMainThread && process.argv[1]?.endsWith('/main.ts')) {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as (how?: { type: 'minor' }) => void
  const delay = monitorEventLoopDelay({ resolution: LOOK_EVERY_MS })
  delay.enable()
  watchTurns()
  const holds = watchesHolds ? new Holds() : undefined
  process.on('SIGUSR2', () => {
    const facts = {
      longestHoldMs: Math.max(0, delay.max / 1e6 - LOOK_EVERY_MS),
      longestCpuMs: longestCpu,
      longestOne: holds?.take() ?? NOT_WATCHED,
      resources: process.getActiveResourcesInfo(),
    }
    // Who has outlived two of them is old, and stays until a full one.
    for (let round = 0; round < 2; round++) collect({ type: 'minor' })
    const old = process.memoryUsage().heapUsed
    collect()
    const { heapUsed, external } = process.memoryUsage()
    writeFileSync(
      `${file}.new`,
      JSON.stringify({ ...facts, outlived: old - heapUsed, heapUsed, external }),
    )
    renameSync(`${file}.new`, file)
    holds?.take()
    delay.reset()
    longestCpu = 0
  })
}
