import { afterEach, describe, expect, test } from '@jest/globals'
import { createLifecycle } from '../../../server/http/lifecycle.ts'
import { createGauges, gauges } from '../../../server/metrics/gauges.ts'
import { createMetrics } from '../../../server/metrics/metrics.ts'
import { ask, until } from '../ask.ts'
import { fakeFile, patterned, startServer, type TestServer } from '../fakes.ts'

let server: TestServer | undefined
afterEach(() => {
  server?.stop()
  server = undefined
})

describe('health and readiness', () => {
  test('goes one way', () => {
    let now = 1000
    const lifecycle = createLifecycle({ steady: () => now })
    expect(lifecycle.state).toBe('starting')
    now = 3500
    expect(lifecycle.uptimeSeconds).toBe(2.5)
    lifecycle.serve()
    expect(lifecycle.state).toBe('serving')
    lifecycle.drain()
    lifecycle.serve()
    expect(lifecycle.state).toBe('draining')
  })

  test('/ready follows it, /health does not', async () => {
    server = await startServer()
    const states = async (): Promise<unknown[]> => {
      const port = server?.port ?? 0
      const [health, ready] = [await ask(port, '/health'), await ask(port, '/ready')]
      return [health.status, ready.status, (ready.json() as { status: string }).status]
    }
    expect(await states()).toEqual([200, 200, 'serving'])
    server.lifecycle.drain()
    expect(await states()).toEqual([200, 503, 'draining'])
    const play = await ask(server.port, '/play/movie/tt1254207/0')
    expect([play.status, play.headers['retry-after']]).toEqual([503, '5'])
    expect(server.asked).toEqual([])
  })

  test.each([
    ['no room at all', { maxBytes: 0, configuredBytes: 5e9 }, 'no-room'],
    ['room for less than a piece', { maxBytes: 15 << 20, configuredBytes: 5e9 }, 'no-room'],
    ['room for a piece', { maxBytes: 16 << 20, configuredBytes: 5e9 }, 'serving'],
    [
      'a limit that the operator wants so small',
      { maxBytes: 1e6, configuredBytes: 1e6 },
      'serving',
    ],
  ])('/ready where the volume has %s', async (_, disk, status) => {
    server = await startServer({ disk })
    const ready = await ask(server.port, '/ready')
    expect(ready.json()).toMatchObject({ status })
    expect(ready.status).toBe(status === 'serving' ? 200 : 503)
    expect((await ask(server.port, '/health')).status).toBe(200)
  })
})

describe('metrics', () => {
  test('explain starts, stalls and seeks', async () => {
    const file = fakeFile(patterned(8 << 20))
    server = await startServer({
      play: async ({ trace }) => {
        trace?.done('sources')
        trace?.done('cache')
        trace?.stalled(1500)
        return file.playable
      },
    })
    const play = (range: string) =>
      ask(server?.port ?? 0, '/play/movie/tt1254207/0', { headers: { Range: range } })
    const first = await play('bytes=0-1999999')
    expect(first.headers['server-timing']).toMatch(/^sources;dur=[\d.]+, cache;dur=[\d.]+$/)
    await play('bytes=2000000-3999999')
    await play('bytes=6300000-7999999')
    await until('all lines', () => (server?.lines.length ?? 0) >= 3)
    expect(server.lines[0]).toMatchObject({ steps: { sources: expect.any(Number) }, stalls: 1 })
    expect(server.lines.map(({ seek }) => seek)).toEqual([undefined, undefined, true])
    const text = (await ask(server.port, '/metrics')).body.toString()
    for (const line of [
      'playlink_play_step_seconds_count{step="cache"} 3',
      'playlink_play_stalls_total 3',
      'playlink_play_stall_seconds_total 4.5',
      'playlink_play_seeks_total 1',
    ]) {
      expect(text).toContain(`${line}\n`)
    }
  })

  test('two viewers behind one proxy are no jumps of one', async () => {
    const file = fakeFile(patterned(8 << 20))
    server = await startServer({
      play: async () => file.playable,
      config: { trustProxy: 'loopback' },
    })
    for (const [viewer, range] of [
      ['192.0.2.1', 'bytes=0-1999999'],
      ['192.0.2.2', 'bytes=5000000-6999999'],
      ['192.0.2.1', 'bytes=2000000-3999999'],
    ] as const) {
      const headers = { Range: range, 'X-Forwarded-For': viewer }
      await ask(server.port, '/play/movie/tt1254207/0', { headers })
    }
    await until('all lines', () => (server?.lines.length ?? 0) >= 3)
    expect(server.lines.map(({ seek }) => seek)).toEqual([undefined, undefined, undefined])
  })

  // What stood before the path was remembered with each play: 15 KB of it.
  test('a viewer is the same whatever stands before the path', async () => {
    const file = fakeFile(patterned(8 << 20))
    server = await startServer({ play: async () => file.playable })
    for (const [host, range] of [
      ['a.example', 'bytes=0-1999999'],
      [`${'b'.repeat(9000)}.example`, 'bytes=6300000-7999999'],
    ] as const) {
      const path = `http://${host}/play/movie/tt1254207/0`
      await ask(server.port, path, { headers: { Range: range } })
    }
    await until('all lines', () => (server?.lines.length ?? 0) >= 2)
    expect(server.lines.map(({ seek }) => seek)).toEqual([undefined, true])
  })

  test('count plays, bytes and refusals, and read the gauges', async () => {
    const file = fakeFile(patterned(100))
    server = await startServer({ play: async () => file.playable })
    await ask(server.port, '/play/movie/tt1254207/0', { headers: { Range: 'bytes=0-9' } })
    await ask(server.port, '/play/movie/tt1254207/x')
    await ask(server.port, '/%zz')
    await ask(server.port, '/nothing')
    await until('all lines', () => (server?.lines.length ?? 0) >= 4)
    const answer = await ask(server.port, '/metrics')
    expect(answer.headers['content-type']).toContain('text/plain; version=0.0.4')
    const text = answer.body.toString()
    for (const line of [
      'playlink_plays_total{from="disk",status="206"} 1',
      'playlink_plays_total{from="none",status="400"} 1',
      'playlink_sent_bytes_total{from="disk"} 10',
      'playlink_first_byte_seconds_count{from="disk"} 1',
      'playlink_refusals_total{code="BAD_FILE_INDEX"} 1',
      'playlink_refusals_total{code="BAD_REQUEST"} 1',
      'playlink_refusals_total{code="NOT_FOUND"} 1',
      'playlink_cache_files 3',
    ]) {
      expect(text).toContain(`${line}\n`)
    }
    expect(text).toMatch(/nodejs_eventloop_lag_p99_seconds \d/)
    expect(text).not.toContain('tt1254207')
  })

  test('two sets in one process do not meet; a gauge without a reading is not shown', async () => {
    const [one, two] = [createMetrics(async () => ({})), createMetrics(async () => ({}))]
    one.refused('NO_PEERS')
    expect(await one.text()).toContain('NO_PEERS')
    expect(await two.text()).not.toContain('NO_PEERS')
    expect(await two.text()).not.toMatch(/^playlink_cache_files /m)
    one.close()
    two.close()
  })

  test('gauges are read off the parts, every one of the table', async () => {
    const arrivals = { running: 1, waiting: 2, max: 16, bytesPerSecond: 3 }
    const conversions = { running: 18, waiting: 19, made: 20, reread: 21 }
    const stats = { total: 0, hits: 0, misses: 0, active: 4, firstByteMs: { p50: 0, p99: 0 } }
    const read = createGauges({
      status: { stats: { ...stats, arrivals, conversions } },
      janitor: {
        disk: async () => ({
          usedBytes: 5,
          maxBytes: 6,
          configuredBytes: 6,
          segmentBytes: 0,
          reservedBytes: 7,
          freeOnVolumeBytes: 8,
        }),
        evictions: { ttl: 9, count: 10, disk: 11 },
      },
      store: { records: () => [{}, {}] as never },
      engine: {
        state: {
          running: true,
          restarts: 12,
          away: true,
          torrents: 13,
          peers: 14,
          port: 15,
          externalPort: 16,
        },
      },
    })
    const readings = await read()
    expect(Object.keys(readings).sort()).toEqual(Object.keys(gauges).sort())
    expect(readings).toMatchObject({
      playlink_cache_files: 2,
      playlink_engine_network_away: 1,
      playlink_engine_external_port: 16,
      playlink_plays_active: 4,
      playlink_conversions_waiting: 19,
      playlink_segments_reread: 21,
      playlink_evicted_disk_files: 11,
      playlink_engine_up: 1,
      playlink_engine_peers: 14,
    })
  })
})
