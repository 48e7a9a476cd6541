import { spawnSync } from 'node:child_process'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { interopPrograms, runHere } from '../../scripts/system-programs.ts'
import { ask } from '../support/server/request.ts'
import { openStage, type Stage } from '../support/server/stage.ts'
import { sha256 } from '../support/swarm/payload.ts'
import { movie, playMovie } from '../support/titles.ts'
import { freePort } from '../torrent/engines.ts'
import { startProgram } from './clients/program.ts'

const ids = { http: 'tt9603001', udp: 'tt9603002' } as const
const tracker = interopPrograms.find(({ name }) => name === 'opentracker')
const isThere = tracker !== undefined && runHere(tracker.check, false)

/** A seeder of another client announces itself, as BEP 3 has it. */
async function announce(tracker: string, infoHash: string, peer: string): Promise<void> {
  const [from = '', port = ''] = peer.split(':')
  const hash = infoHash.replace(/../g, '%$&')
  const rest = `peer_id=-XX0001-000000000000&port=${port}&left=0&uploaded=0&downloaded=0`
  const { status, body } = await ask(`${tracker}?info_hash=${hash}&${rest}`, { from })
  expect([status, body.toString('latin1')]).toEqual([200, expect.stringContaining('8:interval')])
}

describe('opentracker', () => {
  if (!isThere) {
    test('is not there: npm run test:interop installs it', () => {
      expect(spawnSync('opentracker').error).toBeDefined()
    })
    return
  }

  let stage: Stage<keyof typeof ids> | undefined
  beforeAll(async () => {
    const port = await freePort()
    const url = `http://127.0.0.1:${port}/announce`
    stage = await openStage({
      torrents: {
        http: { name: 'http.mkv', size: 300_000 },
        udp: { name: 'udp.mkv', size: 300_000 },
      },
      titles: ({ torrents }) => [
        movie(ids.http, 'HTTP', { magnet: torrents.http.magnet({ trackers: [url] }) }),
        movie(ids.udp, 'UDP', {
          magnet: torrents.udp.magnet({ trackers: [`udp://127.0.0.1:${port}/announce`] }),
        }),
      ],
    })
    const home = join(stage.folder, 'opentracker')
    await mkdir(home, { mode: 0o755 })
    const command = [
      'opentracker',
      '-i',
      '127.0.0.1',
      '-p',
      String(port),
      '-P',
      String(port),
      '-d',
      home,
    ]
    const program = startProgram(command, home)
    stage.own(() => program.stop())
    await program.listensAt(port)
    for (const { infoHash } of Object.values(stage.torrents)) {
      await announce(url, infoHash, stage.seeder.peers[0] ?? '')
    }
  })
  afterAll(() => stage?.end())

  test.each(['http', 'udp'] as const)('by %s: the film plays', async (name) => {
    const { status, body } = await ask((stage?.server.base ?? '') + playMovie(ids[name]))
    expect([status, sha256(body)]).toEqual([
      200,
      sha256(stage?.torrents[name].content ?? Buffer.of()),
    ])
  })
})
