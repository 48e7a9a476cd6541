import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { UploadingEngine } from '../../../interop/uploading-engine.ts'
import { sha256 } from '../../../support/swarm/payload.ts'
import { ENCRYPTED_ONLY, type Seeder, startSeeder } from '../../../support/swarm/seeder.ts'
import { buildTorrent, writeForSeeding } from '../../../support/swarm/torrent.ts'
import { within } from '../../../support/wait.ts'
import { drain } from '../../engines.ts'

const film = buildTorrent({ name: 'film.mkv', size: 600_000, pieceLength: 64 * 1024 })

let folder = ''
let seeder: Seeder
let engine: UploadingEngine
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'playlink-super-'))
  const torrent = await writeForSeeding(folder, film)
  seeder = await startSeeder([{ torrent, folder }], ['127.0.0.11'], ENCRYPTED_ONLY)
  engine = await UploadingEngine.start()
})
afterAll(async () => {
  await engine.close()
  await seeder.close()
  await rm(folder, { recursive: true })
})

// It shows a piece to who is not interested while there is nothing to be had, and the next one to who says
// that it has that one.
test('a lone super-seeder (BEP 16) that wants encryption gives the whole film', async () => {
  await seeder.superSeed()
  const { infoHash } = film
  const spec = { infoHash, trackers: [], webSeeds: [], peers: seeder.peers }
  const file = await engine.open(film, { ...spec, metainfo: film.torrent() }, folder)
  try {
    const reader = file.reader({ start: 0, end: film.content.length - 1 })
    const bytes = await within('the film', 90_000, drain(reader))
    expect(sha256(bytes)).toBe(sha256(film.content))
  } finally {
    await file.close()
  }
})
