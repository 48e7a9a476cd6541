import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import type { EngineOptions } from '../../../../torrent/protocol/messages.ts'
import type { TorrentSpec } from '../../../../torrent/protocol/torrent-engine.ts'
import { type Namespace, openNamespace } from '../../../support/server/namespace.ts'
import { exitOf } from '../../../support/server/processes.ts'
import { sha256 } from '../../../support/swarm/payload.ts'
import { type Seeder, startSeeder, UTP_ONLY } from '../../../support/swarm/seeder.ts'
import { buildTorrent, writeForSeeding } from '../../../support/swarm/torrent.ts'
import { eventually, sleep, within } from '../../../support/wait.ts'
import { engineOptions } from '../../engines.ts'

const CHILD = new URL('./namespace-child.ts', import.meta.url).pathname
const film = buildTorrent({ name: 'film.mp4', size: 4_000_000, pieceLength: 64 * 1024 })
/** What an engine may want to reach, and nobody is there. */
const elsewhere: TorrentSpec = {
  infoHash: '7'.repeat(40),
  trackers: [
    'udp://192.88.99.1:6969',
    'udp://9.9.9.9:6969',
    'http://9.9.9.9/announce',
    'http://tracker.example.com/announce',
    'udp://tracker.example.com:6969',
    'http://[2620:fe::fe]/announce',
  ],
  webSeeds: ['http://9.9.9.9/film.mp4', 'https://films.example.com/film.mp4'],
  peers: ['9.9.9.9:6881', '149.112.112.112:51413', '[2620:fe::fe]:6881'],
}
const everything: EngineOptions = {
  ...engineOptions,
  allow: ['127.0.0.0/8', '10.77.0.0/24'],
  dht: true,
  dhtBootstrap: ['9.9.9.9:6881', 'dht.example.com:6881'],
  pex: true,
  lsd: true,
}

let folder = ''
/** Undefined: this user may make none, and the tests say so and prove nothing. */
let network: Namespace | undefined
let seeder: Seeder | undefined
/** Speaks uTP only. */
let utp: Seeder | undefined
beforeAll(async () => {
  network = openNamespace()
  if (!network) return
  folder = await mkdtemp(join(tmpdir(), 'playlink-bound-'))
  const torrent = await writeForSeeding(folder, film)
  const start = (address: string, settings = {}) =>
    startSeeder([{ torrent, folder }], [address], settings, network?.enter)
  seeder = await start('127.0.0.11')
  utp = await start('127.0.0.12', UTP_ONLY)
})
afterAll(async () => {
  await seeder?.close()
  await utp?.close()
  network?.close()
  if (folder) await rm(folder, { recursive: true })
})

const withNetwork = (use: (network: Namespace, seeder: Seeder) => Promise<void>) => async () => {
  if (network && seeder) return use(network, seeder)
  process.stderr.write('bound-engine: only root may make network namespaces; nothing was tested\n')
}

/** An engine in the namespace; `tell` sends a command and waits for what comes of it. */
async function inside(
  { enter }: Namespace,
  more: Partial<EngineOptions>,
  spec: TorrentSpec,
  use: (tell: (command: string) => Promise<unknown>) => Promise<void>,
): Promise<void> {
  const order = JSON.stringify({ options: { ...everything, ...more }, spec })
  const [program = '', ...args] = [...enter, process.execPath, '--no-warnings', CHILD, order]
  // Without what keeps other tests on this machine: here there is no other.
  const env = { PATH: process.env.PATH ?? '', TMPDIR: folder }
  const child = spawn(program, args, { env, stdio: ['pipe', 'pipe', 'inherit'] })
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  try {
    await use(async (command) => {
      child.stdin.write(`${command}\n`)
      const { value } = await within(`an answer to ${command}`, 90_000, lines.next())
      return JSON.parse(String(value))
    })
  } finally {
    child.stdin.write('end\n')
    await within('its end', 60_000, exitOf(child)).catch(() => child.kill('SIGKILL'))
  }
}

const stateOf = async (tell: (command: string) => Promise<unknown>) =>
  (await tell('state')) as { away: boolean; running: boolean; have: number }

describe('an engine with TORRENT_BIND, in a network of its own', () => {
  test.each(['vpn', '10.77.0.2'])(
    '%s: not one packet leaves by another way',
    (bind) =>
      withNetwork(async (network) => {
        await inside(network, { bind }, elsewhere, async (tell) => {
          const before = { wan: network.sent('wan'), vpn: network.sent('vpn') }
          await tell('look')
          await eventually('packets', () => network.sent('vpn') > before.vpn + 10)
          await sleep(5000)
          expect(network.sent('wan')).toBe(before.wan)
        })
      })(),
    200_000,
  )

  test(
    'a peer that speaks uTP only plays, and nothing leaves by another way',
    withNetwork(async (network) => {
      const spec = {
        ...{ infoHash: film.infoHash, trackers: [], webSeeds: [] },
        // Nobody is there: what is sent to it is counted.
        peers: [...(utp?.peers ?? []), '9.9.9.9:6881'],
      }
      await inside(network, { bind: 'vpn' }, spec, async (tell) => {
        const before = { wan: network.sent('wan'), vpn: network.sent('vpn') }
        expect(await tell('metadata')).toBeGreaterThan(100)
        await tell('play')
        expect(await tell('played')).toBe(sha256(film.files[0]?.bytes ?? Buffer.alloc(0)))
        await eventually('packets', () => network.sent('vpn') > before.vpn + 2)
        expect(network.sent('wan')).toBe(before.wan)
      })
    }),
    200_000,
  )

  test(
    'the address goes: downloads wait, nothing leaves, and they go on when it is back',
    withNetwork(async (network, seeder) => {
      const spec = { infoHash: film.infoHash, trackers: [], webSeeds: [], peers: seeder.peers }
      await inside(network, { bind: 'vpn' }, spec, async (tell) => {
        expect(await tell('metadata')).toBeGreaterThan(100)
        await seeder.rate(400_000)
        await tell('play')
        await eventually('some pieces', async () => (await stateOf(tell)).have > 2)
        const before = network.sent('wan')
        network.change('del')
        await eventually('it has noticed', async () => (await stateOf(tell)).away)
        expect(await tell('metadata')).toEqual({ code: 'TORRENT_NETWORK_AWAY' })
        const { have } = await stateOf(tell)
        await sleep(1000)
        expect(await stateOf(tell)).toMatchObject({ away: true, running: false, have })
        expect(network.sent('wan')).toBe(before)
        network.change('add')
        await seeder.rate(0)
        expect(await tell('played')).toBe(sha256(film.files[0]?.bytes ?? Buffer.alloc(0)))
        expect(await stateOf(tell)).toMatchObject({ away: false, running: true })
        expect(network.sent('wan')).toBe(before)
      })
    }),
    200_000,
  )

  // Last: when it ends, the system itself says goodbye to the group of LSD, by the default route.
  test(
    'without it packets leave by the default route: the count counts',
    withNetwork(async (network) => {
      await inside(network, {}, elsewhere, async (tell) => {
        const before = network.sent('wan')
        await tell('look')
        await eventually('packets', () => network.sent('wan') > before + 10)
      })
    }),
    200_000,
  )
})
