import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { ask, begin } from '../../support/server/request.ts'
import { openStage, type Stage } from '../../support/server/stage.ts'
import { compactPeers } from '../../support/swarm/compact.ts'
import {
  actionOf,
  type OddUdpTracker,
  startOddUdpTracker,
  udpAnswer,
  udpPeers,
} from '../../support/swarm/odd-udp-tracker.ts'
import { KiB, MiB, sha256 } from '../../support/swarm/payload.ts'
import { type Peer, startPeer } from '../../support/swarm/peer.ts'
import type { BuiltTorrent } from '../../support/swarm/torrent.ts'
import { movie, playMovie } from '../../support/titles.ts'

const names = [
  'named',
  'dictionaries',
  'blanks',
  'ampersands',
  'thirtieth',
  'six',
  'twice',
  'moves',
] as const
type Name = (typeof names)[number]
const idOf = (name: Name | 'twiceLive'): string =>
  `tt96000${10 + (name === 'twiceLive' ? 50 : names.indexOf(name))}`
/** Nobody listens there. */
const deadTrackers = (count: number): string[] =>
  Array.from({ length: count }, (_, n) => `http://127.0.0.1:${n + 1}/${n}/announce`)

/** @param until it answers no request beyond that */
const serving = (film: BuiltTorrent, until = film.content.length): Promise<Peer> =>
  startPeer({
    info: film.info,
    pieceLength: film.pieceLength,
    pieceCount: Math.ceil(film.content.length / film.pieceLength),
    block: (offset, length) =>
      offset < until ? film.content.subarray(offset, offset + length) : undefined,
  })

describe('trackers that are hard to reach or to read', () => {
  let stage: Stage<Name>
  let six: OddUdpTracker
  beforeAll(async () => {
    const port = (peer: string): number => Number(peer.split(':')[1])
    const told = { peers: [] as readonly string[] }
    six = await startOddUdpTracker((message) => {
      const mapped = told.peers.map((peer) =>
        Buffer.concat([Buffer.alloc(10), Buffer.from([255, 255]), compactPeers([peer])]),
      )
      return udpAnswer(
        message,
        actionOf(message) === 0 ? Buffer.alloc(8, 7) : udpPeers(Buffer.concat(mapped)),
      )
    }, '::1')
    stage = await openStage({
      torrents: Object.fromEntries(
        names.map((name) => [
          name,
          { name: `${name}.mkv`, size: name === 'moves' ? 4 * MiB : 300_000 },
        ]),
      ) as Record<Name, { name: string; size: number }>,
      titles: ({ torrents, trackerUrl }) => {
        const magnet = (name: Name, ...trackers: string[]) => torrents[name].magnet({ trackers })
        const amp = magnet('ampersands', ...deadTrackers(2), trackerUrl)
        return [
          movie(idOf('dictionaries'), 'Dictionaries', {
            magnet: magnet('dictionaries', `${trackerUrl}?form=dictionaries`),
          }),
          movie(idOf('blanks'), 'Blanks', { magnet: magnet('blanks', ` ${trackerUrl} \r\n`) }),
          movie(idOf('ampersands'), 'Ampersands', { magnet: amp.replaceAll('&', '&amp;') }),
          movie(idOf('thirtieth'), 'Thirtieth', {
            magnet: magnet('thirtieth', ...deadTrackers(29), trackerUrl),
          }),
          movie(idOf('six'), 'Six', { magnet: magnet('six', `udp://[::1]:${six.port}/announce`) }),
          movie(idOf('twice'), 'Twice', { magnet: magnet('twice', ...deadTrackers(3)) }),
          movie(idOf('twiceLive'), 'Twice live', { torrent: './twice.torrent' }),
          movie(idOf('moves'), 'Moves', { magnet: magnet('moves', trackerUrl) }),
        ]
      },
      env: { OUTBOUND_ALLOW: '127.0.0.0/8,::1' },
    })
    stage.own(() => six.close())
    told.peers = stage.seeder.peers.map((peer) => `127.0.0.11:${port(peer)}`)
    const { twice } = stage.torrents
    const file = join(stage.folder, 'catalogue', 'twice.torrent')
    await writeFile(file, twice.torrent({ announce: stage.trackerUrl }))
  })
  afterAll(() => stage.end())

  const catalogueOf = async (magnet: string): Promise<string> => {
    const path = join(stage.folder, 'named.json')
    await writeFile(
      path,
      JSON.stringify({ version: 1, titles: [movie(idOf('named'), 'Named', { magnet })] }),
    )
    return path
  }
  const plays = async (name: Name, id = idOf(name)): Promise<void> => {
    const { status, body } = await ask(stage.server.base + playMovie(id))
    expect([status, sha256(body)]).toEqual([200, sha256(stage.torrents[name].content)])
  }

  test('peers that a magnet names: plays, and those that the rules refuse are not asked', async () => {
    const peers = ['10.1.2.3:6881', ...stage.seeder.peers].map((peer) => `&x.pe=${peer}`)
    const magnet = stage.torrents.named.magnet() + peers.join('')
    const { base } = await stage.another({ CATALOGUE: await catalogueOf(magnet) })
    const { status, body } = await ask(base + playMovie(idOf('named')))
    expect([status, sha256(body)]).toEqual([200, sha256(stage.torrents.named.content)])
  })

  test.each([
    ['peers as dictionaries', 'dictionaries'],
    ['an address between blanks', 'blanks'],
    ['&amp; between the parameters of a magnet', 'ampersands'],
    ['29 dead ones before it', 'thirtieth'],
    ['UDP over IPv6', 'six'],
  ] as const)('%s: plays', (_what, name) => plays(name))

  test('a dead magnet is played when another title has the same torrent alive', async () => {
    const dead = plays('twice')
    await plays('twice', idOf('twiceLive'))
    await dead
  })

  test('a seeder that comes back at another port is found while the film waits', async () => {
    const film = stage.torrents.moves
    const first = await serving(film, MiB)
    stage.tracker.peers(film.infoHash, [first.peer])
    await stage.seeder.pause()
    const stream = await begin(stage.server.base + playMovie(idOf('moves')), { timeout: 60_000 })
    const begun = await stream.read(64 * KiB)
    const before = stage.tracker.announces(film.infoHash)
    await first.close()
    const second = await serving(film)
    stage.own(() => second.close())
    stage.tracker.peers(film.infoHash, [second.peer])
    const { body } = await stream.rest()
    expect(begun.length + body.length).toBe(film.content.length)
    expect(second.sent).toBeGreaterThan(0)
    expect(stage.tracker.announces(film.infoHash) - before).toBeLessThan(4)
    await stage.seeder.resume()
  })
})
