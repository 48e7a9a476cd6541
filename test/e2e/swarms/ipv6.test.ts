import { writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { bencode } from '../../support/bencode.ts'
import { listen } from '../../support/server/listening.ts'
import { ask } from '../../support/server/request.ts'
import { openStage, type Stage } from '../../support/server/stage.ts'
import { sha256 } from '../../support/swarm/payload.ts'
import { startPeer } from '../../support/swarm/peer.ts'
import { type Seeder, startSeeder } from '../../support/swarm/seeder.ts'
import type { TorrentPlan } from '../../support/swarm/torrent.ts'
import { movie, playMovie } from '../../support/titles.ts'

const names = ['named', 'searched', 'noded', 'told', 'served'] as const
type Name = (typeof names)[number]
const idOf = (name: Name): string => `tt90091${10 + names.indexOf(name)}`

/** libtorrent at ::1, with a node of the DHT: nothing here has an IPv4 address. */
describe('peers over IPv6 only', () => {
  let stage: Stage<Name>
  let six: Seeder
  beforeAll(async () => {
    stage = await openStage({
      torrents: Object.fromEntries(
        names.map((name) => [name, { name: `${name}.mkv`, size: 300_000 }]),
      ) as Record<Name, TorrentPlan>,
      env: { OUTBOUND_ALLOW: '::1' },
    })
    const seeds = names.map((name) => {
      const { infoHash } = stage.torrents[name]
      const folder = join(stage.folder, 'seeds', infoHash)
      return { torrent: join(folder, `${infoHash}.torrent`), folder }
    })
    six = await startSeeder(seeds, ['[::1]'], {}, [], true)
    stage.own(() => six.close())
  })
  afterAll(() => stage.end())

  /** @param more settings of the server */
  async function plays(name: Name, source: Record<string, string>, more = {}): Promise<void> {
    await stage.writeCatalogue([movie(idOf(name), name, source)])
    const { base } = await stage.another(more)
    const { status, body } = await ask(base + playMovie(idOf(name)))
    expect([status, sha256(body)]).toEqual([200, sha256(stage.torrents[name].content)])
  }
  const dht = (bootstrap: string) => ({ DHT: 'on', DHT_BOOTSTRAP: bootstrap })

  test('a peer that a magnet names', () =>
    plays('named', { magnet: `${stage.torrents.named.magnet()}&x.pe=${six.peers[0]}` }))

  test('the DHT (BEP 32)', () =>
    plays('searched', { magnet: stage.torrents.searched.magnet() }, dht(six.dhtNode)))

  test('a node that a .torrent names', async () => {
    const port = Number(six.dhtNode.split(':').at(-1))
    const torrent = Buffer.concat([
      stage.torrents.noded.torrent().subarray(0, -1),
      ...[bencode('nodes'), bencode([['::1', port]]), Buffer.from('e')],
    ])
    await writeFile(join(stage.folder, 'catalogue', 'noded.torrent'), torrent)
    await plays('noded', { torrent: './noded.torrent' }, dht('[::1]:9'))
  })

  test('a node that a peer tells of', async () => {
    const film = stage.torrents.told
    const peer = await startPeer({
      ...{ info: film.info, pieceLength: film.pieceLength, pieceCount: 0, address: '::1' },
      dhtPort: Number(six.dhtNode.split(':').at(-1)),
    })
    stage.own(() => peer.close())
    const port = peer.peer.split(':').at(-1)
    await plays('told', { magnet: `${film.magnet()}&x.pe=[::1]:${port}` }, dht('[::1]:9'))
  })

  test('a web seed', async () => {
    const film = stage.torrents.served
    const server = createServer((request, response) => {
      const [, from, to] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '') ?? []
      const bytes = film.content.subarray(Number(from), Number(to) + 1)
      response.writeHead(206, {
        'content-range': `bytes ${from}-${to}/${film.content.length}`,
        'content-length': bytes.length,
      })
      response.end(bytes)
    })
    const port = await listen(server, '::1')
    stage.own(async () => {
      server.close()
      server.closeAllConnections()
    })
    const file = film.torrent({ webSeeds: [`http://[::1]:${port}/served.mkv`] })
    await writeFile(join(stage.folder, 'catalogue', 'served.torrent'), file)
    await plays('served', { torrent: './served.torrent' })
  })
})
