import { execFileSync, spawn } from 'node:child_process'
import { closeSync, mkdtempSync, openSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, test } from '@jest/globals'
import { HANG_EXIT_CODE } from '../../../common/watchdog/watch-plan.ts'
import { exitOf, killGroup } from '../../support/server/processes.ts'
import { eventually, sleep, within } from '../../support/wait.ts'

const CHILD = new URL('hang-child.ts', import.meta.url).pathname

function hang(way: string, format = 'json') {
  const child = spawn(process.execPath, [CHILD, way, format], { stdio: ['ignore', 'pipe', 'pipe'] })
  const said = { out: '' }
  child.stdout.on('data', (chunk: Buffer) => {
    said.out += chunk
  })
  return { child, said }
}

async function endOf(way: string, format?: string) {
  const { child, said } = hang(way, format)
  return { code: await exitOf(child), lines: said.out.split('\n').filter((line) => line !== 'now') }
}

test.each([
  ['a loop', 'loop'],
  ['a pattern on foreign text', 'pattern'],
  ['a wait in the engine', 'wait'],
  ['promises that never let timers run', 'promises'],
  ['ticks that never let timers run', 'ticks'],
  ['microtasks that never let timers run', 'microtasks'],
])('%s: the stack is written as a line of the log, and the process ends', async (_name, way) => {
  const { code, lines } = await endOf(way)
  expect(code).toBe(HANG_EXIT_CODE)
  const line = JSON.parse(lines[0] ?? '')
  expect(line).toMatchObject({ level: 60, name: 'main', msg: expect.stringMatching(/has hung/) })
  expect(line.stack).toMatch(/^ {4}at \S.* \(.*(?:hang-child\.ts|task_queues):\d+:\d+\)$/m)
})

test('native code, which cannot be stopped: SIGKILL after a line that says so', async () => {
  const { code, lines } = await endOf('native')
  expect(code).toBe('SIGKILL')
  expect(JSON.parse(lines[0] ?? '').stack).toMatch(/in native code/)
})

test('a log that nobody reads holds the main thread, and not what ends it', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'playlink-unread-'))
  execFileSync('mkfifo', [path.join(folder, 'log')])
  // Both ends are open and it blocks, as a pipe to another program does.
  const log = openSync(path.join(folder, 'log'), 'r+')
  const stdio = ['ignore', log, 'ignore'] as const
  const child = spawn(process.execPath, [CHILD, 'unread'], { stdio: [...stdio], detached: true })
  try {
    // Where it is held depends on the kind of pipe: in a write, or between the tries of one.
    const ends = [HANG_EXIT_CODE, 'SIGKILL']
    expect(ends).toContain(await within('its end', 60_000, exitOf(child)))
  } finally {
    // Its group: what it waits for stays behind.
    if (child.pid !== undefined) killGroup(child.pid)
    closeSync(log)
    rmSync(folder, { recursive: true })
  }
})

test('at a terminal it is a line for people', async () => {
  const { lines } = await endOf('loop', 'pretty')
  expect(lines.join('\n')).toMatch(/FATAL \(main\): the event loop has hung.*\n {4}at /)
})

test.each(['busy'])('long work that lets the loop go on is no hang', async (way) => {
  const { code, lines } = await endOf(way)
  expect([code, lines[0]]).toEqual([0, 'still there'])
})

test('what is held while a debugger is open is left alone', async () => {
  const { code, lines } = await endOf('debugged')
  expect([code, lines[0]]).toEqual([0, 'still there'])
})

test('a process that was stopped for long is no hang', async () => {
  const { child, said } = hang('stopped')
  await eventually('its start', () => said.out.includes('now'))
  child.kill('SIGSTOP')
  await sleep(3000)
  child.kill('SIGCONT')
  expect([await exitOf(child), said.out]).toEqual([0, 'now\nstill there\n'])
})

test('nobody watches after close', async () => {
  expect((await endOf('closed')).code).toBe(3)
})
