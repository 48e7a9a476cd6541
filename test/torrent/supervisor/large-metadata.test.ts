import { mkdtemp, open, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { parseMetainfo } from '../../../common/bittorrent/metainfo.ts'
import { bencode } from '../../support/bencode.ts'
import { payload } from '../../support/swarm/payload.ts'
import { ENCRYPTED_ONLY, type Seeder, startSeeder, UTP_ONLY } from '../../support/swarm/seeder.ts'
import { fromInfo } from '../../support/swarm/torrent.ts'
import { startTracker, type Tracker } from '../../support/swarm/tracker.ts'
import { startEngine, using } from '../engines.ts'

const LENGTH = 2 ** 30
const PIECE = 16 * 1024
/** A long film in small pieces. Nobody hashes it: only its metadata is fetched. */
const info = bencode({
  length: LENGTH,
  name: 'large.mkv',
  'piece length': PIECE,
  pieces: payload('hashes', (LENGTH / PIECE) * 20),
})
const large = fromInfo('large.mkv', info)

let folder = ''
let tracker: Tracker
let seeder: Seeder
/** Those that want encryption, over TCP and over uTP. */
let others: readonly Seeder[] = []
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'playlink-metadata-'))
  tracker = await startTracker()
  const file = await open(join(folder, large.name), 'w')
  await file.truncate(LENGTH)
  await file.close()
  const torrent = join(folder, 'large.torrent')
  await writeFile(torrent, large.torrent())
  seeder = await startSeeder([{ torrent, folder }], ['127.0.0.11', '127.0.0.12'])
  others = [
    await startSeeder([{ torrent, folder }], ['127.0.0.13'], ENCRYPTED_ONLY),
    await startSeeder([{ torrent, folder }], ['127.0.0.14'], { ...UTP_ONLY, ...ENCRYPTED_ONLY }),
  ]
})
afterAll(async () => {
  for (const one of [seeder, ...others]) await one.close()
  await tracker.close()
  await rm(folder, { recursive: true })
})

test.each<[string, () => readonly string[]]>([
  ['a seeder of libtorrent', () => seeder.peers.slice(0, 1)],
  ['two', () => seeder.peers],
  ['one that wants encryption', () => others[0]?.peers ?? []],
  ['one that speaks uTP only, encrypted', () => others[1]?.peers ?? []],
])('1.3 MB of metadata come from %s', async (_who, peers) => {
  tracker.peers(large.infoHash, peers())
  const spec = { infoHash: large.infoHash, trackers: [tracker.url], webSeeds: [] }
  await using(startEngine(), async (engine) => {
    const metainfo = await engine.fetchMetadata(spec, AbortSignal.timeout(25_000))
    expect(parseMetainfo(metainfo, { maxLength: LENGTH }).infoHash).toBe(large.infoHash)
  })
})
