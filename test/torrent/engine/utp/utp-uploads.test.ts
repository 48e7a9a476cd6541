import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, test } from '@jest/globals'
import { UploadingEngine } from '../../../interop/uploading-engine.ts'
import { sha256 } from '../../../support/swarm/payload.ts'
import {
  ENCRYPTED_ONLY,
  type Seeder,
  startSeeder,
  UTP_ONLY,
} from '../../../support/swarm/seeder.ts'
import { buildTorrent, writeForSeeding } from '../../../support/swarm/torrent.ts'
import { eventually, within } from '../../../support/wait.ts'
import { drain } from '../../engines.ts'

const film = buildTorrent({ name: 'film.mkv', size: 4_000_000, pieceLength: 64 * 1024 })
const COME_MS = 60_000

let folder = ''
let torrent = ''
let seeder: Seeder
let engine: UploadingEngine
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'playlink-utp-uploads-'))
  torrent = await writeForSeeding(folder, film)
  seeder = await startSeeder([{ torrent, folder }])
  engine = await UploadingEngine.start()
})
afterAll(async () => {
  await engine.close()
  await seeder.close()
  await rm(folder, { recursive: true })
})

/** The engine fetches the film, from the seeder, and keeps it open while others fetch it. */
async function withFilm(others: readonly string[], use: () => Promise<void>): Promise<void> {
  const peers = [...seeder.peers, ...others]
  const spec = { infoHash: film.infoHash, trackers: [], webSeeds: [], peers }
  const own = await mkdtemp(join(folder, 'engine-'))
  const file = await engine.open(film, { ...spec, metainfo: film.torrent() }, own)
  try {
    await within(
      'the film',
      COME_MS,
      drain(file.reader({ start: 0, end: film.content.length - 1 })),
    )
    await use()
  } finally {
    await file.close()
  }
}

describe.each([
  ['plain', UTP_ONLY],
  ['encrypted', { ...UTP_ONLY, ...ENCRYPTED_ONLY }],
])('a libtorrent that speaks uTP only, %s, gets the whole film from us alone', (_how, settings) => {
  test.each(['connects to us', 'is connected to'])('when it %s', async (way) => {
    const theirs = await mkdtemp(join(folder, 'leecher-'))
    const plan = { torrent, folder: theirs, fetches: true }
    const leecher = await startSeeder([plan], ['127.0.0.12'], settings)
    try {
      await withFilm(way === 'is connected to' ? leecher.peers : [], async () => {
        if (way === 'connects to us') await leecher.connect(engine.peer)
        await eventually('all of it', async () => (await leecher.progress())[0] === 1, COME_MS)
        const bytes = () => readFile(join(theirs, film.name)).then(sha256)
        await eventually('its bytes', async () => (await bytes()) === sha256(film.content))
      })
    } finally {
      await leecher.close()
    }
  })
})
