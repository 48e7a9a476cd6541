import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { freePort } from '../../support/free-port.ts'
import { ask } from '../../support/server/request.ts'
import { openStage, type Stage } from '../../support/server/stage.ts'
import { sha256 } from '../../support/swarm/payload.ts'
import { ENCRYPTED_ONLY, UTP_ONLY } from '../../support/swarm/seeder.ts'
import { movie, playMovie } from '../../support/titles.ts'
import { eventually } from '../../support/wait.ts'

const ids = {
  magnet: 'tt9006401',
  file: 'tt9006402',
  seek: 'tt9006403',
  comes: 'tt9006404',
} as const
type Name = keyof typeof ids

describe.each([
  ['plain', UTP_ONLY],
  ['encrypted', { ...UTP_ONLY, ...ENCRYPTED_ONLY }],
])('a seeder of libtorrent that speaks uTP only, %s', (_how, libtorrent) => {
  let stage: Stage<Name>
  beforeAll(async () => {
    stage = await openStage({
      torrents: {
        magnet: { name: 'magnet.mkv', size: 3_000_000 },
        file: { name: 'file.mkv', size: 3_000_000 },
        seek: { name: 'seek.mkv', size: 12_000_000 },
        comes: { name: 'comes.mkv', size: 3_000_000 },
      },
      titles({ magnet, torrents, trackerUrl }, folder) {
        const bytes = torrents.file.torrent({ announce: trackerUrl })
        writeFileSync(join(folder, 'file.torrent'), bytes)
        return [
          movie(ids.magnet, 'Magnet', { magnet: magnet('magnet') }),
          movie(ids.file, 'File', { torrent: './file.torrent' }),
          movie(ids.seek, 'Seek', { magnet: magnet('seek') }),
          movie(ids.comes, 'Comes', { magnet: magnet('comes') }),
        ]
      },
      libtorrent,
    })
  })
  afterAll(() => stage?.end())

  const play = (name: Name, headers = {}) =>
    ask(stage.server.base + playMovie(ids[name]), { headers })

  test.each(['magnet', 'file'] as const)('plays whole, by its %s', async (name) => {
    const answer = await play(name)
    expect([answer.status, sha256(answer.body)]).toEqual([
      200,
      sha256(stage.torrents[name].content),
    ])
  })

  test('plays from the middle and from the end', async () => {
    const { content } = stage.torrents.seek
    for (const at of [9_000_000, content.length - 100_000, 0]) {
      const answer = await play('seek', { range: `bytes=${at}-${at + 99_999}` })
      expect(answer.status).toBe(206)
      expect(answer.body.equals(content.subarray(at, at + 100_000))).toBe(true)
    }
  })

  test('plays when it comes to us', async () => {
    const { comes } = stage.torrents
    stage.tracker.peers(comes.infoHash, [])
    const port = await freePort()
    const server = await stage.another({ TORRENT_PORT: String(port) })
    const answer = ask(server.base + playMovie(ids.comes))
    // Who comes before the play has begun finds a server that does not know the torrent.
    await eventually('our announce', () => stage.tracker.announces(comes.infoHash) > 0)
    await stage.seeder.connect(`127.0.0.1:${port}`)
    const { status, body } = await answer
    expect([status, sha256(body)]).toEqual([200, sha256(comes.content)])
  })
})
