import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { listen } from '../../support/server/listening.ts'
import type { Env } from '../../support/server/playlink.ts'
import { ask } from '../../support/server/request.ts'
import { openStage, type Stage } from '../../support/server/stage.ts'
import {
  DHT_ADDRESS,
  DHT_PORT,
  type DhtNode,
  dhtNames,
  startDhtNode,
} from '../../support/swarm/dht-node.ts'
import { sha256 } from '../../support/swarm/payload.ts'
import { startUdpTracker, type UdpTracker } from '../../support/swarm/udp-tracker.ts'
import { movie, playMovie } from '../../support/titles.ts'

const ids = { tracked: 'tt9006201', hashed: 'tt9006202', local: 'tt9006203' } as const
const TRAP = '127.0.0.66'
const SEEDER = '127.0.0.11'
/** Nobody is there; whoever tries one is ended by test/support/server/loopback-only.ts. */
const CLOSED = ['10.1.2.3:80', '169.254.169.254:80', '168.63.129.16:80', '192.168.1.1:6881']
const LSD_GROUP = '239.192.152.143'
const LSD_PORT = 6771
const TELL_MS = 200

describe('peers and nodes that somebody offers are contacted where the rule allows it', () => {
  let stage: Stage<keyof typeof ids>
  let udpTracker: UdpTracker
  let dhtNode: DhtNode
  let trapPort = 0
  let knocks = 0
  const preloads = ['server/loopback-only.ts', 'swarm/dht-names.ts'].map(
    (name) => `--import=${new URL(`../../support/${name}`, import.meta.url).href}`,
  )

  /** A server that may reach the seeder and these; answers the film as it came. */
  async function play(name: keyof typeof ids, allow: readonly string[], env: Env): Promise<void> {
    const server = await stage.another({
      ...dhtNames,
      NODE_OPTIONS: preloads.join(' '),
      OUTBOUND_ALLOW: [`${SEEDER}/32`, ...allow].join(','),
      ...env,
    })
    const answer = await ask(server.base + playMovie(ids[name]))
    expect(answer.status).toBe(200)
    expect(sha256(answer.body)).toBe(sha256(stage.torrents[name].content))
    // Nobody died of it either.
    expect(server.log()).not.toMatch(/tests stay on this machine|ENGINE_DIED|engine died/)
    expect(knocks).toBe(0)
  }

  beforeAll(async () => {
    const trap = createServer((socket) => {
      knocks++
      socket.destroy()
    })
    trapPort = await listen(trap, TRAP)
    const trapNode = createSocket('udp4', () => knocks++)
    trapNode.bind(trapPort, TRAP)
    await once(trapNode, 'listening')
    const offered: string[] = []
    udpTracker = await startUdpTracker(offered)
    stage = await openStage({
      torrents: {
        tracked: { name: 'tracked.mkv', size: 300_000 },
        hashed: { name: 'hashed.mkv', size: 300_000 },
        local: { name: 'local.mkv', size: 300_000 },
      },
      titles: ({ torrents }) => [
        movie(ids.tracked, 'Tracked', {
          magnet: torrents.tracked.magnet({
            trackers: [`udp://127.0.0.1:${udpTracker.port}/announce`],
          }),
        }),
        movie(ids.hashed, 'Hashed', { magnet: torrents.hashed.magnet() }),
        movie(ids.local, 'Local', { magnet: torrents.local.magnet() }),
      ],
    })
    offered.push(`${TRAP}:${trapPort}`, `127.0.0.1:${trapPort}`, ...CLOSED, ...stage.seeder.peers)
    dhtNode = await startDhtNode({ peers: offered, nodes: [`${TRAP}:${trapPort}`, ...CLOSED] })
    stage.own(() => new Promise<void>((resolve) => trap.close(() => resolve())))
    stage.own(() => new Promise<void>((resolve) => trapNode.close(() => resolve())))
    stage.own(() => udpTracker.close())
    stage.own(() => dhtNode.close())
  })
  afterAll(() => stage.end())

  test('by a UDP tracker', async () => {
    await play('tracked', [`127.0.0.1/32:${udpTracker.port}`], {})
    expect(udpTracker.announces).toBeGreaterThan(0)
  })

  test('by a node of the DHT, which itself lies where the rule allows it', async () => {
    await play('hashed', [`${DHT_ADDRESS}/32:${DHT_PORT}`], { DHT: 'on' })
    expect(dhtNode.lookUps).toBeGreaterThan(0)
  })

  test('by who announces itself on the local network', async () => {
    const { infoHash } = stage.torrents.local
    const seederPort = stage.seeder.peers[0]?.split(':')[1] ?? ''
    const announcers = await Promise.all([TRAP, SEEDER].map(boundTo))
    const tell = setInterval(() => {
      for (const [i, port] of [trapPort, seederPort].entries()) {
        const lines = ['BT-SEARCH * HTTP/1.1', `Host: ${LSD_GROUP}:${LSD_PORT}`, `Port: ${port}`]
        const text = [...lines, `Infohash: ${infoHash}`, 'cookie: test', '', '', ''].join('\r\n')
        for (const wrong of ['', 'BT-SEARCH * HTTP/1.1', text.slice(0, 60)]) {
          announcers[i]?.send(wrong, LSD_PORT, LSD_GROUP)
        }
        announcers[i]?.send(text, LSD_PORT, LSD_GROUP)
      }
    }, TELL_MS)
    try {
      await play('local', [], { LSD: 'on' })
    } finally {
      clearInterval(tell)
      for (const one of announcers) one.close()
    }
  })
})

async function boundTo(address: string): Promise<Socket> {
  const socket = createSocket('udp4')
  socket.bind(0, address)
  await once(socket, 'listening')
  // To all that listen there: a datagram to the port would reach one of several engines.
  socket.setMulticastInterface(address)
  return socket
}
