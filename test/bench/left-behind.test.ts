import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { exitOf, isRunning } from '../support/server/processes.ts'
import { eventually } from '../support/wait.ts'

const BENCH = new URL('./left-behind-bench.ts', import.meta.url).pathname

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'playlink-left-behind-'))
})
afterAll(() => rm(folder, { recursive: true }))

test.each(['SIGINT', 'SIGTERM', 'SIGHUP', 'error', 'end'])(
  'a bench that ends by %s leaves no process, no folder, and what it had to undo is undone',
  async (how) => {
    const marker = join(folder, how)
    const child = spawn(process.execPath, ['--no-warnings', BENCH, marker, how], {
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    const [line] = await once(createInterface({ input: child.stdout }), 'line')
    const left = JSON.parse(line) as { folder: string; pids: number[] }
    if (how.startsWith('SIG')) {
      expect([existsSync(left.folder), left.pids.every(isRunning)]).toEqual([true, true])
      child.kill(how as NodeJS.Signals)
    }
    await exitOf(child)
    expect(readFileSync(marker, 'utf8')).toBe('undone')
    expect(existsSync(left.folder)).toBe(false)
    await eventually('nobody of it', () => !left.pids.some(isRunning))
  },
)
