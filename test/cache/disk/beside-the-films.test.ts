import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { FileRecord } from '../../../cache/disk/file-record.ts'
import { readSidecar, sidecarText } from '../../../cache/disk/sidecar.ts'
import { fileKey } from '../../../common/bittorrent/file-key.ts'
import { MAX_TRACKERS, MAX_WEB_SEEDS } from '../../../common/bittorrent/magnet.ts'
import {
  MAX_INFO_BYTES,
  parseMetainfo,
  rebuildMetainfo,
} from '../../../common/bittorrent/metainfo.ts'
import { systemClock } from '../../../common/clock.ts'
import { layout as film, temporaryFolder, world } from '../fixture.ts'

/** docs/security.md says how much lies on disk beside the bytes that CACHE_MAX_DISK_MB counts. */
const [TORRENT_BYTES, SIDECAR_BYTES] = [11_000_000, 100_000]
const PIECE = 16 * 1024

/** As many pieces as a .torrent can name. */
function largestTorrent(): Buffer {
  const head = (pieces: number): string =>
    `d6:lengthi${pieces * PIECE}e4:name5:a.mkv12:piece lengthi${PIECE}e6:pieces${pieces * 20}:`
  const around = head(1e5).length + 'd4:infoee'.length + 1
  const pieces = Math.floor((MAX_INFO_BYTES - around) / 20)
  return Buffer.concat([Buffer.from(head(pieces)), Buffer.alloc(pieces * 20), Buffer.from('e')])
}
let folder = ''
beforeEach(async () => {
  folder = await temporaryFolder()
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const info = largestTorrent()
const torrent = Buffer.concat([Buffer.from('d4:info'), info, Buffer.from('e')])

test('the largest .torrent there is, with all its trackers and web seeds', () => {
  const parsed = parseMetainfo(torrent, { maxLength: Number.MAX_SAFE_INTEGER })
  const url = (n: number): string => `http://tracker.example/${n}`.padEnd(2048, 'x')
  const trackers = Array.from({ length: MAX_TRACKERS }, (_, n) => url(n))
  const webSeeds = Array.from({ length: MAX_WEB_SEEDS }, (_, n) => url(n))
  const { length } = rebuildMetainfo(parsed, trackers, webSeeds)
  expect(length).toBeGreaterThan(MAX_INFO_BYTES * 0.99)
  expect(length).toBeLessThan(TORRENT_BYTES)
})

test('the sidecar of its file, with the longest name, is read again', async () => {
  const parsed = parseMetainfo(torrent, { maxLength: Number.MAX_SAFE_INTEGER })
  const { pieceLength, length } = parsed
  const layout = { pieceLength, torrentLength: length, offset: 0, size: length }
  const name = '\u0001'.repeat(10_000)
  const record = new FileRecord(fileKey(parsed.infoHash, 0), name, layout, systemClock)
  for (let piece = 0; piece < length / pieceLength; piece++) record.mark(piece)
  const text = sidecarText(record, record, 1e12)
  expect(Buffer.byteLength(text)).toBeLessThan(SIDECAR_BYTES)
  const path = join(folder, '0.json')
  await writeFile(path, text)
  expect(readSidecar(path, record.key)?.layout).toEqual(layout)
})

test('a store reads what it kept of the largest torrent', async () => {
  const w = await world({ dir: join(folder, 'cache') })
  const { infoHash } = parseMetainfo(torrent, { maxLength: Number.MAX_SAFE_INTEGER })
  await w.putPartial(fileKey(infoHash, 0), film(3000), [0])
  await w.store.writeMetainfo(infoHash, torrent)
  expect((await w.store.readMetainfo(infoHash))?.length).toBe(torrent.length)
  await w.end()
})
