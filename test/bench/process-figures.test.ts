import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { expect, test } from '@jest/globals'
import { processFigures } from '../../bench/streaming/process-figures.ts'
import { childrenOf } from '../support/server/processes.ts'
import { eventually } from '../support/wait.ts'

const CHILD = 'setInterval(() => {}, 1000); console.log("up")'
const PARENT = `require('node:child_process').spawn(process.execPath, ['-e', ${JSON.stringify(CHILD)}])
  .stdout.pipe(process.stdout)`

/** MiB. */
const field = (pid: number, name: string): number =>
  Number(new RegExp(`${name}:\\s+(\\d+)`).exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) /
  1024

test('what two processes of one program share counts once, what each has for itself twice', async () => {
  const parent = spawn(process.execPath, ['-e', PARENT], { stdio: ['ignore', 'pipe', 'inherit'] })
  try {
    await new Promise((resolve) => parent.stdout.once('data', resolve))
    const pid = parent.pid ?? 0
    const child = await eventually('its child', () => childrenOf(pid)[0])
    const { peak } = processFigures(pid)
    const both = field(pid, 'VmHWM') + field(child, 'VmHWM')
    const shared = field(child, 'RssFile')
    expect(shared).toBeGreaterThan(20)
    // They may take a page more at any time.
    expect(Math.abs(peak - (both - shared))).toBeLessThan(shared / 4)
  } finally {
    for (const pid of childrenOf(parent.pid ?? 0)) process.kill(pid)
    parent.kill()
  }
})
