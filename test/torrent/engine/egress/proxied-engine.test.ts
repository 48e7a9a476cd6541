import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { parseMetainfo } from '../../../../common/bittorrent/metainfo.ts'
import type { EngineOptions } from '../../../../torrent/protocol/messages.ts'
import type { TorrentSpec } from '../../../../torrent/protocol/torrent-engine.ts'
import { bencode } from '../../../support/bencode.ts'
import { freePort } from '../../../support/free-port.ts'
import { closeServer, listen } from '../../../support/server/listening.ts'
import { compactPeers } from '../../../support/swarm/compact.ts'
import { DHT_ADDRESS, DHT_PORT, startDhtNode } from '../../../support/swarm/dht-node.ts'
import { startOddUdpTracker, udpAnswer, udpPeers } from '../../../support/swarm/odd-udp-tracker.ts'
import { startPeer } from '../../../support/swarm/peer.ts'
import { type Seeder, startSeeder, UTP_ONLY } from '../../../support/swarm/seeder.ts'
import { PROXY_EXIT, type SocksPlan, startSocksProxy } from '../../../support/swarm/socks-proxy.ts'
import { buildTorrent, writeForSeeding } from '../../../support/swarm/torrent.ts'
import { eventually } from '../../../support/wait.ts'
import { engineOptions, startEngine, using } from '../../engines.ts'

const film = buildTorrent({ name: 'film.mp4', size: 300_000 })
const NAME = 'tracker.example.com'

let folder = ''
let seeder: Seeder
let web: Server
let port = 0
/** Where each request to the tracker came from, and what it said. */
const asked: { readonly from: string | undefined; readonly url: string }[] = []
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'playlink-proxied-'))
  const torrent = await writeForSeeding(folder, film)
  seeder = await startSeeder([{ torrent, folder }])
  web = createServer((req, res) => {
    asked.push({ from: req.socket.remoteAddress, url: req.url ?? '' })
    res.setHeader('Connection', 'close')
    res.end(bencode({ interval: 1800, peers: compactPeers(seeder.peers) }))
  })
  port = await listen(web)
})
afterAll(async () => {
  await seeder.close()
  await closeServer(web)
  await rm(folder, { recursive: true })
})

const specOf = (more: Partial<TorrentSpec>): TorrentSpec => ({
  infoHash: film.infoHash,
  trackers: [],
  webSeeds: [],
  ...more,
})

interface ThroughOptions {
  readonly ms?: number
  readonly allow?: readonly string[]
  /** `user:password`; what the proxy wants without it. */
  readonly signsInAs?: string
  readonly dht?: Partial<EngineOptions>
}

/** Whether the metadata comes through the proxy, and what the proxy was asked for. */
async function through(
  plan: SocksPlan,
  spec: Partial<TorrentSpec>,
  { ms = 40_000, allow = engineOptions.allow, signsInAs, dht }: ThroughOptions = {},
) {
  const proxy = await startSocksProxy(plan)
  const [user, password] = (signsInAs ?? plan.login)?.split(':') ?? []
  const way = { host: '127.0.0.1', port: proxy.port, user, password }
  const options: EngineOptions = { ...engineOptions, proxy: way, allow, ...dht }
  try {
    return await using(startEngine({ options }), async (engine) => {
      await engine.started(60_000)
      const found = await engine.fetchMetadata(specOf(spec), AbortSignal.timeout(ms)).then(
        (bytes) => parseMetainfo(bytes, { maxLength: 1 << 30 }).infoHash === film.infoHash,
        () => false,
      )
      return { found, targets: proxy.targets, datagrams: proxy.datagrams }
    })
  } finally {
    await proxy.close()
  }
}

describe('an engine behind a SOCKS5 proxy', () => {
  test.each<[string, SocksPlan]>([
    ['as usual', {}],
    ['with a user and password', { login: 'me:s3cret' }],
    ['that answers byte by byte', { dribbles: true }],
  ])('%s: tracker and peers are reached through it, names unresolved', async (_name, plan) => {
    const before = asked.length
    const spec = { trackers: [`http://${NAME}:${port}/announce`] }
    const { found, targets } = await through({ ...plan, names: { [NAME]: '127.0.0.1' } }, spec)
    expect(found).toBe(true)
    expect(targets).toContain(`${NAME}:${port}`)
    expect(targets).toContain(seeder.peers[0])
    const requests = asked.slice(before)
    expect(requests.map(({ from }) => from)).toEqual(requests.map(() => PROXY_EXIT))
    // No peer can reach us: the port is not one of ours.
    expect(requests[0]?.url).toContain('&port=1&')
  })

  test('a UDP tracker is asked through its relay, by its name', async () => {
    const heard: string[] = []
    const tracker = await startOddUdpTracker((message, from) => {
      heard.push(from.address)
      const isConnect = message.readUInt32BE(8) === 0
      if (isConnect) return udpAnswer(message, Buffer.alloc(8, 7))
      return udpAnswer(message, udpPeers(compactPeers(seeder.peers)))
    })
    const spec = { trackers: [`udp://${NAME}:${tracker.port}`] }
    const { found, datagrams } = await through({ names: { [NAME]: '127.0.0.1' } }, spec)
    await tracker.close()
    expect(found).toBe(true)
    expect(datagrams).toContain(`${NAME}:${tracker.port}`)
    expect(new Set(heard)).toEqual(new Set([PROXY_EXIT]))
  })

  test('a peer that wants encryption is reached through it', async () => {
    const peer = await startPeer({
      info: film.info,
      pieceLength: film.pieceLength,
      pieceCount: 0,
      encryptedOnly: true,
    })
    const { found, targets } = await through({}, { peers: [peer.peer] }, { ms: 40_000 })
    await peer.close()
    expect(found).toBe(true)
    expect(targets.filter((one) => one === peer.peer).length).toBeGreaterThanOrEqual(2)
  })

  test('a peer that speaks uTP only is reached through its relay', async () => {
    const torrent = await writeForSeeding(folder, film)
    const utp = await startSeeder([{ torrent, folder }], ['127.0.0.12'], UTP_ONLY)
    try {
      const { found, targets, datagrams } = await through({}, { peers: utp.peers })
      expect(found).toBe(true)
      // TCP was tried first, through it too.
      expect(targets).toContain(utp.peers[0])
      expect(new Set(datagrams)).toEqual(new Set(utp.peers))
    } finally {
      await utp.close()
    }
  })

  test('the DHT begins with a node that the proxy finds by its name', async () => {
    const node = await startDhtNode({ peers: seeder.peers, nodes: [] })
    const name = 'dht.example.com'
    const plan = { names: { [name]: DHT_ADDRESS } }
    const dht = { dht: true, dhtBootstrap: [`${name}:${DHT_PORT}`] }
    const { found, datagrams } = await through(plan, {}, { ms: 60_000, dht })
    await node.close()
    expect(found).toBe(true)
    expect(datagrams).toContain(`${name}:${DHT_PORT}`)
    expect(node.lookUps).toBeGreaterThan(0)
  })

  test('it relays no datagrams: the rest goes on', async () => {
    const trackers = [`udp://127.0.0.1:${await freePort()}`, `http://127.0.0.1:${port}/announce`]
    const { found, datagrams } = await through({ noDatagrams: true }, { trackers })
    expect([found, datagrams]).toEqual([true, []])
  })

  test('a proxy that wants what we do not give: nothing goes past it', async () => {
    const before = [asked.length, await seeder.uploaded(film.infoHash)]
    const spec = { trackers: [`http://127.0.0.1:${port}/announce`], peers: seeder.peers }
    const plans: Readonly<Record<string, SocksPlan>> = {
      'another password': { login: 'me:s3cret' },
      'no SOCKS5': { greets: Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n') },
      'no way to sign in': { greets: Buffer.from([5, 255]) },
      silence: { greets: Buffer.alloc(0) },
    }
    const answers = Object.entries(plans).map(async ([name, plan]) => {
      const { found, targets } = await through(plan, spec, { ms: 10_000, signsInAs: 'me:other' })
      return [name, found, targets]
    })
    expect(await Promise.all(answers)).toEqual(Object.keys(plans).map((name) => [name, false, []]))
    expect([asked.length, await seeder.uploaded(film.infoHash)]).toEqual(before)
  })

  test('our rules hold: what they refuse is not asked of it', async () => {
    const spec = {
      trackers: [
        'http://localhost/announce',
        'http://printer.local/announce',
        'http://router/announce',
        'http://10.0.0.1/announce',
        'udp://192.168.1.1:6969',
        'udp://nas.home.arpa:6969',
      ],
      peers: ['10.0.0.1:6881', '169.254.169.254:80', '[fd00::1]:6881'],
    }
    const { found, targets, datagrams } = await through({}, spec, { ms: 10_000 })
    expect([found, targets, datagrams]).toEqual([false, [], []])
  })

  test('a name that led to the proxy’s own machine is left at once', async () => {
    const before = asked.length
    const spec = { trackers: [`http://${NAME}:${port}/announce`] }
    const plan = { names: { [NAME]: '127.0.0.1' }, bound: '127.0.0.1' }
    const { found, targets } = await through(plan, spec, { ms: 10_000, allow: ['127.0.0.11'] })
    expect(found).toBe(false)
    expect(targets).toEqual([`${NAME}:${port}`])
    expect(asked.length).toBe(before)
  })

  test('it goes down and comes back: peers are reached again', async () => {
    const proxyPort = await freePort()
    const options = { ...engineOptions, proxy: { host: '127.0.0.1', port: proxyPort } }
    await using(startEngine({ options }), async (engine) => {
      await engine.started(60_000)
      const spec = specOf({ peers: seeder.peers })
      const got = engine.fetchMetadata(spec, AbortSignal.timeout(80_000))
      await eventually('the engine', () => engine.state.torrents === 1)
      const proxy = await startSocksProxy({}, proxyPort)
      expect((await got).length).toBeGreaterThan(100)
      await proxy.close()
    })
  })
})
