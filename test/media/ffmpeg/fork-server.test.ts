import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals'
import { ForkServer } from '../../../media/ffmpeg/fork-server.ts'
import { TookTooLong } from '../../../media/ffmpeg/run-ffmpeg.ts'
import { childrenOf, isRunning } from '../../support/server/processes.ts'
import { eventually } from '../../support/wait.ts'

const NOTHING = new Uint8Array()
const { signal } = new AbortController()
const LIMITS = { ms: 60_000, cpuSeconds: 10 }
const path = process.env.PATH
let folder: string
let server: ForkServer

/** A program of ours in place of ffmpeg: what it is told to do is its last argument. */
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'playlink-fork-server-'))
  const file = join(folder, 'ffmpeg')
  await writeFile(file, '#!/bin/sh\nfor last; do :; done\neval "$last"\n')
  await chmod(file, 0o755)
  process.env.PATH = `${folder}:${path}`
})
afterEach(() => server.close())
afterAll(async () => {
  process.env.PATH = path
  await rm(folder, { recursive: true, force: true })
})

const text = async (said: Promise<Buffer>): Promise<string> => (await said).toString()
const pidOf = (): number => {
  const [pid] = childrenOf(process.pid)
  if (pid === undefined) throw new Error('it has not started')
  return pid
}
/** What runs in place of ffmpeg, as soon as it does. */
const started = (): Promise<number> =>
  eventually('it runs', () => childrenOf(process.pid).flatMap(childrenOf)[0])

test('each has its own output, whoever is done first, and another process starts them all', async () => {
  server = new ForkServer()
  const slow = server.run(['sleep 0.3; cat'], Buffer.from('slow'), signal)
  const fast = server.run(['cat'], Buffer.from('fast'), signal)
  expect(await text(fast)).toBe('fast')
  expect(await text(slow)).toBe('slow')
  const large = Buffer.alloc(3 << 20, 7)
  expect((await server.run(['cat'], large, signal)).equals(large)).toBe(true)
  const parent = Number(await text(server.run(['echo $PPID'], NOTHING, signal)))
  expect(parent).toBe(pidOf())
})

test('a program that fails, one that takes too long and one that is not there are told apart', async () => {
  server = new ForkServer()
  const refused = { code: 'MEDIA_UNREADABLE' }
  await expect(server.run(['exit 1'], NOTHING, signal)).rejects.toMatchObject(refused)
  const late = server.run(['exec sleep 600'], NOTHING, signal, { ...LIMITS, ms: 50 })
  await expect(late).rejects.toBeInstanceOf(TookTooLong)
  await expect(server.run(['exit 127'], NOTHING, signal)).rejects.toMatchObject({
    code: 'NO_CONVERTER',
  })
})

test('it knows no settings, and what it starts gives way as it is told', async () => {
  process.env.ADMIN_TOKEN = 'a-secret-of-the-server'
  try {
    server = new ForkServer()
    expect(await text(server.run(['env'], NOTHING, signal))).not.toContain('secret')
  } finally {
    delete process.env.ADMIN_TOKEN
  }
  const args = ['nice; sleep 0.2; nice']
  const nice = await text(server.run(args, NOTHING, signal, { ...LIMITS, niceness: 7 }))
  expect(nice.trim().split('\n').at(-1)).toBe('7')
})

test('who leaves has it killed, and who left before starts nothing', async () => {
  server = new ForkServer()
  const leaving = new AbortController()
  const run = expect(server.run(['exec sleep 600'], NOTHING, leaving.signal)).rejects.toThrow(
    'gone',
  )
  const child = await started()
  leaving.abort(new Error('gone'))
  await run
  await eventually('killed', () => !isRunning(child))
  await expect(server.run(['cat'], NOTHING, leaving.signal)).rejects.toThrow('gone')
})

test('killed itself, it is missed once: they are told to come again, and then another is there', async () => {
  server = new ForkServer()
  const waits = expect(server.run(['sleep 600'], NOTHING, signal)).rejects.toMatchObject({
    code: 'TOO_MANY_CONVERSIONS',
    details: { retryAfterSeconds: 3 },
  })
  await started()
  process.kill(pidOf(), 'SIGKILL')
  await waits
  expect(await text(server.run(['cat'], Buffer.from('again'), signal))).toBe('again')
})

test('that cannot be started, as Node throws, it is tried again by the next who asks', async () => {
  server = new ForkServer()
  const usual = process.env.PATH
  process.env.PATH = 'x'.repeat(200_000)
  try {
    await expect(server.run(['cat'], NOTHING, signal)).rejects.toMatchObject({
      code: 'TOO_MANY_CONVERSIONS',
    })
  } finally {
    process.env.PATH = usual
  }
  expect(await text(server.run(['cat'], Buffer.from('again'), signal))).toBe('again')
})

test('Ctrl-C in a terminal, which all hear, ends nothing of a viewer who finishes', async () => {
  server = new ForkServer()
  const run = server.run(['trap "" INT; sleep 0.5; cat'], Buffer.from('to the end'), signal)
  await started()
  for (const sent of ['SIGINT', 'SIGTERM'] as const) process.kill(pidOf(), sent)
  expect(await text(run)).toBe('to the end')
})

test('closed, it is gone with all it started, and starts nothing more', async () => {
  server = new ForkServer()
  const run = server.run(['exec sleep 600'], NOTHING, signal)
  run.catch(() => undefined)
  const child = await started()
  const pid = pidOf()
  await server.close()
  expect(isRunning(pid)).toBe(false)
  await expect(run).rejects.toThrow()
  await eventually('killed', () => !isRunning(child))
  await expect(server.run(['cat'], NOTHING, signal)).rejects.toThrow('closed')
})
