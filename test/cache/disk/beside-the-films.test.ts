import { expect, test } from '@jest/globals'
import { FileRecord } from '../../../cache/disk/file-record.ts'
import { sidecarText } from '../../../cache/disk/sidecar.ts'
import { fileKey } from '../../../common/bittorrent/file-key.ts'
import { MAX_TRACKERS, MAX_WEB_SEEDS } from '../../../common/bittorrent/magnet.ts'
import {
  MAX_METAINFO_BYTES,
  parseMetainfo,
  rebuildMetainfo,
} from '../../../common/bittorrent/metainfo.ts'
import { systemClock } from '../../../common/clock.ts'

/** docs/security.md says how much lies on disk beside the bytes that CACHE_MAX_DISK_MB counts. */
const [TORRENT_BYTES, SIDECAR_BYTES] = [2_100_000, 25_000]
const PIECE = 16 * 1024

/** As many of the smallest pieces as a .torrent can name. */
function largestTorrent(): Buffer {
  const head = (pieces: number): string =>
    `d6:lengthi${pieces * PIECE}e4:name5:a.mkv12:piece lengthi${PIECE}e6:pieces${pieces * 20}:`
  const around = head(1e5).length + 'd4:infoee'.length + 1
  const pieces = Math.floor((MAX_METAINFO_BYTES - around) / 20)
  return Buffer.concat([Buffer.from(head(pieces)), Buffer.alloc(pieces * 20), Buffer.from('e')])
}
const info = largestTorrent()
const torrent = Buffer.concat([Buffer.from('d4:info'), info, Buffer.from('e')])

test('the largest .torrent there is, with all its trackers and web seeds', () => {
  const parsed = parseMetainfo(torrent, { maxLength: Number.MAX_SAFE_INTEGER })
  const url = (n: number): string => `http://tracker.example/${n}`.padEnd(2048, 'x')
  const trackers = Array.from({ length: MAX_TRACKERS }, (_, n) => url(n))
  const webSeeds = Array.from({ length: MAX_WEB_SEEDS }, (_, n) => url(n))
  const { length } = rebuildMetainfo(parsed.infoBytes, trackers, webSeeds)
  expect(length).toBeLessThanOrEqual(MAX_METAINFO_BYTES)
  expect(MAX_METAINFO_BYTES).toBeLessThan(TORRENT_BYTES)
})

test('the sidecar of its file, with the longest name', () => {
  const parsed = parseMetainfo(torrent, { maxLength: Number.MAX_SAFE_INTEGER })
  const { pieceLength, length } = parsed
  const layout = { pieceLength, torrentLength: length, offset: 0, size: length }
  const name = '\u0001'.repeat(10_000)
  const record = new FileRecord(fileKey(parsed.infoHash, 0), name, layout, systemClock)
  for (let piece = 0; piece < length / pieceLength; piece++) record.mark(piece)
  expect(Buffer.byteLength(sidecarText(record, record, 1e12))).toBeLessThan(SIDECAR_BYTES)
})
