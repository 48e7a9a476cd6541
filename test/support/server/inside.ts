// Preloaded into a server that a test or bench looks into: at SIGUSR2 it writes what only the process
// itself knows. In its other threads and its engine it does nothing.

import { renameSync, writeFileSync } from 'node:fs'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { isMainThread } from 'node:worker_threads'

const LOOK_EVERY_MS = 5
const file = process.env.INSIDE_FILE

/** Both since the last signal. */
let longestCpu = 0
function watchTurns(): void {
  let before = process.threadCpuUsage()
  // One turn of the loop at most lies between two looks that are late.
  setInterval(() => {
    const { user, system } = process.threadCpuUsage(before)
    before = process.threadCpuUsage()
    longestCpu = Math.max(longestCpu, (user + system) / 1000)
  }, LOOK_EVERY_MS).unref()
}

if (file !== undefined && isMainThread && process.argv[1]?.endsWith('/main.ts')) {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  const delay = monitorEventLoopDelay({ resolution: LOOK_EVERY_MS })
  delay.enable()
  watchTurns()
  process.on('SIGUSR2', () => {
    const facts = {
      longestHoldMs: Math.max(0, delay.max / 1e6 - LOOK_EVERY_MS),
      longestCpuMs: longestCpu,
      resources: process.getActiveResourcesInfo(),
    }
    collect()
    const { heapUsed, external } = process.memoryUsage()
    writeFileSync(`${file}.new`, JSON.stringify({ ...facts, heapUsed, external }))
    renameSync(`${file}.new`, file)
    delay.reset()
    longestCpu = 0
  })
}
