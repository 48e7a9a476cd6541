import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { listen } from '../../support/server/listening.ts'
import { type Env, environment, launch, startPlaylink } from '../../support/server/playlink.ts'
import { endGroup, exitOf, killGroup } from '../../support/server/processes.ts'
import { ask } from '../../support/server/request.ts'
import { within } from '../../support/wait.ts'

describe('starting', () => {
  let folder: string
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'playlink-e2e-start-'))
  })
  afterAll(() => rm(folder, { recursive: true, force: true }))

  /** Runs it to its end. */
  async function run(env: Env): Promise<{ code: number | string; log: string }> {
    const { child, log } = launch(environment(folder, env))
    try {
      const code = await within('the exit', 60_000, exitOf(child)).catch(() => 'still running')
      return { code, log: log() }
    } finally {
      killGroup(child.pid ?? 0)
      await endGroup(child.pid ?? 0, 'a server that should not have started')
    }
  }

  test('every fault of the settings at once, exit 78, nothing listening', async () => {
    const { code, log } = await run({
      PORT: 'seven',
      CACHE_TTL: '-1',
      CACHE_FILL: 'some',
      OUTBOUND_ALLOW: 'everything',
      CACHE_MAX_SIZE: '1e3',
      ADMIN_TOKEN_FILE: join(folder, 'not-there'),
    })
    expect(code).toBe(78)
    for (const name of [
      'PORT',
      'CACHE_TTL',
      'CACHE_FILL',
      'OUTBOUND_ALLOW',
      'CACHE_MAX_SIZE',
      'ADMIN_TOKEN_FILE',
    ]) {
      expect(log).toContain(name)
    }
    expect(log).not.toContain('listening')
    expect(log).not.toMatch(/^\s+at /m)
  })

  test('addresses of providers that cannot be used: exit 78, and no key shown', async () => {
    const { code, log } = await run({
      TORZNAB: 'http://ann:geheim-part@indexer.example/api',
      FEEDS: 'ftp://feed.example/geheim-part',
      UPSTREAM_ADDONS: 'https://tv.example.org/x/manifest.json',
      PUBLIC_URL: 'https://tv.example.org/x',
    })
    expect(code).toBe(78)
    for (const name of ['TORZNAB', 'FEEDS', 'UPSTREAM_ADDONS']) expect(log).toContain(name)
    expect(log).not.toContain('geheim-part')
  })

  test('a blocklist that is not there: exit 78', async () => {
    const { code, log } = await run({ BLOCKLIST: join(folder, 'not-there.txt') })
    expect(code).toBe(78)
    expect(log).toContain('BLOCKLIST names a file that cannot be read (ENOENT)')
  })

  test('a HOST that is no address of this machine: exit 78, no stack', async () => {
    const { code, log } = await run({ HOST: '203.0.113.9' })
    expect(code).toBe(78)
    expect(log).toContain('HOST 203.0.113.9 is no address of this machine (EADDRNOTAVAIL)')
    expect(log).not.toMatch(/^\s+at /m)
  })

  test('an address to leave by that is not there, and a proxy: exit 78, no password shown', async () => {
    const { code, log } = await run({
      TORRENT_BIND: 'tun99',
      TORRENT_PROXY: 'socks4://me:geheim-part@127.0.0.1:1',
    })
    expect(code).toBe(78)
    expect(log).toMatch(/TORRENT_BIND must be an address .* and "tun99" is none now .*VPN first/)
    expect(log).toContain('TORRENT_PROXY must be socks5://')
    expect(log).not.toContain('geheim-part')
    expect(log).not.toContain('listening')
  })

  test('a fault in a secret does not show the secret', async () => {
    const { code, log } = await run({ ADMIN_TOKEN: 'x\ny-secret-part', PORT: 'seven' })
    expect(code).toBe(78)
    expect(log).not.toContain('secret-part')
  })

  test('a cache folder with somebody else’s files: exit 78, the files untouched', async () => {
    const foreign = join(folder, 'foreign')
    await mkdir(foreign)
    await writeFile(join(foreign, 'holiday.jpg'), 'mine')
    const { code, log } = await run({ CACHE_DIR: foreign })
    expect(code).toBe(78)
    expect(log).toContain('CACHE_DIR')
    expect(log).not.toContain('listening')
    expect(await readdir(foreign)).toEqual(['holiday.jpg'])
  })

  test('a cache folder that cannot be made: exit 78', async () => {
    await writeFile(join(folder, 'a-file'), '')
    const { code, log } = await run({ CACHE_DIR: join(folder, 'a-file', 'cache') })
    expect(code).toBe(78)
    expect(log).toContain('CACHE_DIR')
    expect(log).not.toMatch(/^\s+at /m)
  })

  test('a port in use: one clear line and an exit, not a half-started server', async () => {
    const other = createServer()
    const port = await listen(other)
    const { code, log } = await run({ PORT: String(port) })
    await new Promise((resolve) => other.close(resolve))
    expect(code).toBe(78)
    expect(log).toContain(`PORT ${port} on 127.0.0.1 is taken by another program (EADDRINUSE).`)
    expect(log).toContain('npm start -- --port 8000')
    expect(log).not.toMatch(/^\s+at /m)
  })

  test('NAME_FILE gives a value; the shipped catalogue and no settings at all serve', async () => {
    const file = join(folder, 'public-url')
    await writeFile(file, 'https://tv.example.org\n')
    const server = await startPlaylink(folder, { PUBLIC_URL_FILE: file })
    try {
      const answer = await ask(`${server.base}/stream/movie/tt1254207.json`)
      const { streams } = answer.json() as { streams: { url: string }[] }
      expect(streams.length).toBeGreaterThan(0)
      for (const stream of streams) {
        expect(stream.url).toMatch(
          /^https:\/\/tv\.example\.org\/play\/movie\/tt1254207\/(?:\d+|auto)\b/,
        )
      }
    } finally {
      await server.stop()
    }
  })

  test('after a kill -9 it starts on its own leftovers: not persistent means emptied', async () => {
    const env = { CACHE_DIR: join(folder, 'left') }
    const first = await startPlaylink(folder, env)
    await first.kill()
    const orphan = join(env.CACHE_DIR, 'ab'.repeat(20))
    await mkdir(orphan)
    await writeFile(join(orphan, '0'), 'orphan')
    const second = await startPlaylink(folder, env)
    expect(await readdir(env.CACHE_DIR)).not.toContain('ab'.repeat(20))
    await second.stop()
  })
})
