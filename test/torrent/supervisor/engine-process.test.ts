import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterEach, describe, expect, test } from '@jest/globals'
import { systemClock } from '../../../common/clock.ts'
import type { FromEngine } from '../../../torrent/protocol/messages.ts'
import { EngineProcess } from '../../../torrent/supervisor/engine-process.ts'
import type { SupervisionLimits } from '../../../torrent/supervisor/supervision-limits.ts'
import { freePort } from '../../support/free-port.ts'
import { isRunning } from '../../support/server/processes.ts'
import { buildTorrent } from '../../support/swarm/torrent.ts'
import { eventually } from '../../support/wait.ts'
import { engineOptions, enginePids, silent } from '../engines.ts'

const LIMITS: SupervisionLimits = {
  // A busy machine may keep a process waiting; who is to hang has less.
  heartbeatMs: 60_000,
  startMs: 60_000,
  maxRss: 1 << 30,
  pauseMs: 10,
  maxPauseMs: 50,
}
const film = buildTorrent({ name: 'film.mp4', size: 100_000 })

interface Supervised {
  readonly engine: EngineProcess
  readonly heard: FromEngine[]
  readonly deaths: string[]
}
let running: EngineProcess | undefined
afterEach(() => running?.close())

function supervise(limits: Partial<SupervisionLimits> = {}, port = 0): Supervised {
  const heard: FromEngine[] = []
  const deaths: string[] = []
  running = new EngineProcess({
    options: { ...engineOptions, port },
    limits: { ...LIMITS, ...limits },
    clock: systemClock,
    log: silent,
    onMessage: (message) => void heard.push(message),
    onDeath: (why) => void deaths.push(why),
  })
  return { engine: running, heard, deaths }
}
const isReady = ({ engine }: Supervised): Promise<boolean> =>
  eventually('the engine ready', () => engine.running)
function enginePid(): number {
  const [pid, ...more] = enginePids()
  // Never 0: a signal to it would reach our own group.
  if (!pid || more.length > 0) throw new Error('there is not one process of the engine')
  return pid
}

test('a start is waited for until the process is ready, and not for ever', async () => {
  const { engine } = supervise()
  await engine.started(0)
  expect(engine.running).toBe(false)
  await engine.started(20_000)
  expect(engine.running).toBe(true)
})

describe('EngineProcess', () => {
  test('kill -9: said once, started again under another pid', async () => {
    const all = supervise()
    await isReady(all)
    const before = enginePid()
    process.kill(before, 'SIGKILL')
    await eventually('the death noticed', () => all.deaths.length === 1)
    expect(all.engine.running).toBe(false)
    await isReady(all)
    expect(all.deaths).toEqual(['SIGKILL'])
    expect(all.engine.restarts).toBe(1)
    expect(enginePid()).not.toBe(before)
    expect(isRunning(before)).toBe(false)
  })

  test('where Node throws, for the environment is too large, it is tried again with the port it had', async () => {
    process.env.PLAYLINK_TEST_HUGE = 'x'.repeat(200_000)
    const port = await freePort()
    const all = supervise({}, port)
    try {
      await eventually('tried twice', () => all.deaths.length >= 2)
    } finally {
      delete process.env.PLAYLINK_TEST_HUGE
    }
    await isReady(all)
    expect(all.engine.listensAt).toBe(port)
  })

  test('where the system starts none, it is tried again with the port it had', async () => {
    const port = await freePort()
    const script = fileURLToPath(new URL('./unstartable-engine.ts', import.meta.url))
    const args = ['--no-warnings', script, String(port)]
    const { stdout } = await promisify(execFile)(process.execPath, args)
    expect(JSON.parse(stdout)).toEqual({
      deaths: Array(2).fill('spawn /nowhere/node ENOENT'),
      running: true,
      listensAt: port,
    })
  })

  test('a process that hangs is killed by its missing heartbeat', async () => {
    const all = supervise({ heartbeatMs: 4000 })
    await isReady(all)
    const before = enginePid()
    process.kill(before, 'SIGSTOP')
    await eventually('the death noticed', () => all.deaths.length === 1)
    expect(isRunning(before)).toBe(false)
    await isReady(all)
    expect(all.deaths[0]).toBe('SIGKILL')
  })

  test('a pause of this process is no silence of the engine', async () => {
    const all = supervise({ heartbeatMs: 1000 })
    await isReady(all)
    const before = enginePid()
    // Nothing runs here meanwhile, as under SIGSTOP: for longer than the most that an engine is waited for.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 7_000)
    const spec = { infoHash: film.infoHash, trackers: [], webSeeds: [], metainfo: film.torrent() }
    all.engine.send({ t: 'fetch-metadata', id: 5, spec })
    await eventually('the answer', () => ids(all).length === 1)
    expect([all.deaths, enginePid()]).toEqual([[], before])
  })

  test('a process that takes too much memory is killed', async () => {
    const all = supervise({ maxRss: 64 << 20, maxPauseMs: 5000, pauseMs: 5000 })
    await eventually('the death', () => all.deaths.length > 0)
    // The heap bound that goes with the limit may end it before its first report does.
    expect(['SIGKILL', 'SIGABRT', 'SIGTRAP']).toContain(all.deaths[0])
  })

  test('what is sent while it starts is delivered, in order', async () => {
    const all = supervise()
    expect(all.engine.running).toBe(false)
    const spec = { infoHash: film.infoHash, trackers: [], webSeeds: [], metainfo: film.torrent() }
    for (const id of [1, 2, 3]) all.engine.send({ t: 'fetch-metadata', id, spec })
    await eventually('three answers', () => ids(all).length === 3)
    expect(ids(all)).toEqual([1, 2, 3])
  })

  test('what is sent between a death and the next start is delivered too', async () => {
    const all = supervise({ pauseMs: 300, maxPauseMs: 300 })
    await isReady(all)
    process.kill(enginePid(), 'SIGKILL')
    await eventually('the death noticed', () => all.deaths.length === 1)
    const spec = { infoHash: film.infoHash, trackers: [], webSeeds: [], metainfo: film.torrent() }
    all.engine.send({ t: 'fetch-metadata', id: 9, spec })
    await eventually('the answer', () => ids(all).length === 1)
  })

  test('close ends the child, and nothing starts it again', async () => {
    const all = supervise()
    await isReady(all)
    const pid = enginePid()
    await Promise.all([all.engine.close(), all.engine.close()])
    expect(isRunning(pid)).toBe(false)
    all.engine.send({ t: 'close', id: 1 })
    expect({ deaths: all.deaths, restarts: all.engine.restarts }).toEqual({
      deaths: [],
      restarts: 0,
    })
  })

  test('close while it starts, and between a death and the next start', async () => {
    const starting = supervise()
    const pid = enginePid()
    await starting.engine.close()
    expect(isRunning(pid)).toBe(false)
    const dead = supervise({ pauseMs: 60_000, maxPauseMs: 60_000 })
    process.kill(enginePid(), 'SIGKILL')
    await eventually('the death noticed', () => dead.deaths.length === 1)
    await dead.engine.close()
    expect(enginePids()).toEqual([])
  })
})

const ids = ({ heard }: Supervised): number[] =>
  heard.flatMap((message) => (message.t === 'metadata' ? [message.id] : []))
