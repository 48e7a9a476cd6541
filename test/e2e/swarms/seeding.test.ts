import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { freePort } from '../../support/free-port.ts'
import { ask } from '../../support/server/request.ts'
import { openStage, type Stage } from '../../support/server/stage.ts'
import { movie, playMovie } from '../../support/titles.ts'
import { eventually, sleep } from '../../support/wait.ts'
import { expectUpload } from '../../torrent/expect-upload.ts'

const ID = 'tt9012001'
const SIZE = 300_000
const PIECE = 16_384

let stage: Stage<'film'>
let port = 0
beforeAll(async () => {
  port = await freePort()
  stage = await openStage({
    torrents: { film: { name: 'film.mp4', size: SIZE, pieceLength: PIECE } },
    titles: ({ torrents, trackerUrl }) => [
      movie(ID, 'Film', { magnet: torrents.film.magnet({ trackers: [trackerUrl] }) }),
    ],
    env: {
      SEED_RATIO: '1',
      TORRENT_PORT: `${port}`,
      UPLOAD_LIMIT_KB: '10000',
      CACHE_TTL: '8',
      CACHE_CLEANUP_INTERVAL: '1',
    },
  })
})
afterAll(() => stage.end())

const filesHere = async (): Promise<number> => {
  const { files } = (await ask(`${stage.server.base}/api/cache-stats`)).json() as {
    files: { count: number }
  }
  return files.count
}

test('a film is kept past its time and given back until its ratio is reached, then it goes', async () => {
  const answer = await ask(stage.server.base + playMovie(ID, 0))
  expect(answer.body.length).toBe(SIZE)
  // Its time is over by then, and swept every second.
  await sleep(16_000)
  expect(await filesHere()).toBe(1)
  const film = stage.torrents.film.torrent()
  await expectUpload(port, film, Math.ceil(SIZE / PIECE), join(stage.folder, 'leecher'))
  await eventually('the film has gone', async () => (await filesHere()) === 0)
}, 180_000)
