import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { type Bencodable, bencode } from '../../support/bencode.ts'
import { ask } from '../../support/server/request.ts'
import { openStage, type Stage } from '../../support/server/stage.ts'
import { DHT_ADDRESS, DHT_PORT, type DhtNode, startDhtNode } from '../../support/swarm/dht-node.ts'
import { sha256 } from '../../support/swarm/payload.ts'
import { startPeer } from '../../support/swarm/peer.ts'
import { movie, playMovie } from '../../support/titles.ts'
import { fixed, startWeb, type Web } from '../../support/web.ts'

const ids = {
  hashed: 'tt9008101',
  listed: 'tt9008102',
  secret: 'tt9008103',
  near: 'tt9008104',
  numbered: 'tt9008105',
  named: 'tt9008106',
  told: 'tt9008107',
  sealed: 'tt9008108',
} as const
type Name = keyof typeof ids
const GROUP = '239.192.152.143'
const LSD_PORT = 6771

describe('peers of torrents that name no live tracker', () => {
  let stage: Stage<Name>
  let dhtNode: DhtNode
  let web: Web
  const offered: string[] = []
  beforeAll(async () => {
    stage = await openStage({
      torrents: {
        hashed: { name: 'hashed.mkv', size: 300_000 },
        listed: { name: 'listed.mkv', size: 300_000 },
        secret: { name: 'secret.mkv', size: 300_000, private: true },
        near: { name: 'near.mkv', size: 300_000 },
        numbered: { name: 'numbered.mkv', size: 300_000 },
        named: { name: 'named.mkv', size: 300_000 },
        told: { name: 'told.mkv', size: 300_000 },
        sealed: { name: 'sealed.mkv', size: 300_000 },
      },
      titles: ({ torrents }) =>
        (Object.keys(ids) as Name[]).map((name) =>
          movie(ids[name], name, { magnet: torrents[name].magnet() }),
        ),
    })
    offered.push(...stage.seeder.peers)
    dhtNode = await startDhtNode({ peers: offered, nodes: [] })
    web = await startWeb(fixed({ '/best.txt': Buffer.from(`\n${stage.trackerUrl}\n\n`) }))
    stage.own(() => dhtNode.close())
    stage.own(() => web.close())
  })
  afterAll(() => stage.end())

  async function plays(base: string, name: Name): Promise<void> {
    const { status, body } = await ask(base + playMovie(ids[name]))
    expect([status, sha256(body)]).toEqual([200, sha256(stage.torrents[name].content)])
  }

  test('DHT_BOOTSTRAP: the DHT alone, and the next start knows the node without it', async () => {
    const home = join(stage.folder, 'dht-home')
    const env = { DHT: 'on', CACHE_DIR: home }
    const nodes = `${DHT_ADDRESS}:${DHT_PORT}`
    const first = await stage.another({ ...env, DHT_BOOTSTRAP: nodes })
    await plays(first.base, 'hashed')
    await first.stop()
    expect(existsSync(join(home, '.dht.json'))).toBe(true)
    const before = dhtNode.lookUps
    const second = await stage.another({ ...env, DHT_BOOTSTRAP: '127.0.0.1:9' })
    await plays(second.base, 'hashed')
    expect(dhtNode.lookUps).toBeGreaterThan(before)
  })

  const deadStart = { DHT: 'on', DHT_BOOTSTRAP: '127.0.0.1:9' }

  test.each([
    ['by an address', 'numbered', DHT_ADDRESS],
    ['by a name', 'named', 'localhost'],
  ] as const)('nodes that a .torrent names %s: the DHT alone', async (_how, name, host) => {
    // What localhost leads to is asked too; there nobody answers.
    const nodes: Bencodable = [
      [host, DHT_PORT],
      [DHT_ADDRESS, host === 'localhost' ? DHT_PORT : 9],
    ]
    const torrent = Buffer.concat([
      stage.torrents[name].torrent().subarray(0, -1),
      bencode('nodes'),
      bencode(nodes),
      Buffer.from('e'),
    ])
    await writeFile(join(stage.folder, 'catalogue', `${name}.torrent`), torrent)
    await stage.writeCatalogue([movie(ids[name], name, { torrent: `./${name}.torrent` })])
    await plays((await stage.another(deadStart)).base, name)
  })

  test.each([
    ['in plain', 'told', false],
    ['encrypted', 'sealed', true],
  ] as const)('a peer without pieces that tells of its node, %s', async (_how, name, encrypted) => {
    const film = stage.torrents[name]
    const peer = await startPeer({
      info: film.info,
      pieceLength: film.pieceLength,
      pieceCount: 0,
      address: DHT_ADDRESS,
      dhtPort: DHT_PORT,
      encryptedOnly: encrypted,
    })
    stage.own(() => peer.close())
    const magnet = `${film.magnet()}&x.pe=${peer.peer}`
    await stage.writeCatalogue([movie(ids[name], name, { magnet })])
    await plays((await stage.another(deadStart)).base, name)
  })

  test.each([
    ['a tracker', () => stage.trackerUrl],
    ['the address of a list', () => `${web.base}/best.txt`],
  ])('TRACKERS: %s helps a public torrent', async (_what, setting) => {
    const magnet = stage.torrents.listed.magnet()
    await stage.writeCatalogue([movie(ids.listed, 'listed', { magnet })])
    const { base } = await stage.another({ TRACKERS: setting() })
    await plays(base, 'listed')
  })

  test('TRACKERS are not asked for a private torrent', async () => {
    const { secret } = stage.torrents
    await stage.writeCatalogue([movie(ids.secret, 'secret', { torrent: './secret.torrent' })])
    await writeFile(join(stage.folder, 'catalogue', 'secret.torrent'), secret.torrent())
    const server = await stage.another({ TRACKERS: stage.trackerUrl, PLAY_TIMEOUT: '2' })
    expect((await ask(server.base + playMovie(ids.secret))).status).toBe(504)
    expect(stage.tracker.announces(secret.infoHash)).toBe(0)
  })

  test('LSD: announces on the group, and a peer that answers there is played from', async () => {
    await stage.writeCatalogue([movie(ids.near, 'near', { magnet: stage.torrents.near.magnet() })])
    const [ip = '', port] = offered[0]?.split(':') ?? []
    const heard: string[] = []
    const { infoHash } = stage.torrents.near
    const lines = ['BT-SEARCH * HTTP/1.1', `Host: ${GROUP}:${LSD_PORT}`, `Port: ${port}`]
    const answer = [...lines, `Infohash: ${infoHash}`, '', ''].join('\r\n')
    const group = createSocket({ type: 'udp4', reuseAddr: true })
    const peer = createSocket('udp4')
    group.on('message', (bytes) => {
      heard.push(bytes.toString())
      if (bytes.includes(infoHash)) peer.send(answer, LSD_PORT, '127.0.0.1')
    })
    group.bind(LSD_PORT)
    peer.bind(0, ip)
    await Promise.all([once(group, 'listening'), once(peer, 'listening')])
    group.addMembership(GROUP, '127.0.0.1')
    peer.setMulticastInterface(ip)
    try {
      const server = await stage.another({ LSD: 'on' })
      const told = setInterval(() => peer.send(answer, LSD_PORT, GROUP), 300)
      await plays(server.base, 'near').finally(() => clearInterval(told))
      expect(heard.some((text) => text.includes(infoHash))).toBe(true)
      expect(server.log()).not.toMatch(/ENGINE_DIED|engine died/)
    } finally {
      group.close()
      peer.close()
    }
  })
})
