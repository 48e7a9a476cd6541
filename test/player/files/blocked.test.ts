import { expect, test } from '@jest/globals'
import { parseMetainfo } from '../../../common/bittorrent/metainfo.ts'
import { parseBlocklist } from '../../../common/blocklist.ts'
import { allowedTorrent, refuseBlocked } from '../../../player/files/blocked.ts'
import { buildTorrent } from '../../support/swarm/torrent.ts'

const built = buildTorrent({ name: 'Film.2001.mp4', size: 40_000, pieceLength: 16_384 })
const metainfo = parseMetainfo(
  built.torrent({
    announce: 'udp://tracker.bad.example:1/announce',
    webSeeds: ['http://bad.example/film.mp4', 'http://good.example/film.mp4'],
  }),
  { maxLength: 1e9 },
)
const blocklist = (...lines: string[]) => parseBlocklist(lines.join('\n')).list

test('a torrent loses the trackers and web seeds that are blocked, and nothing else', () => {
  expect(metainfo.trackers).toEqual(['udp://tracker.bad.example:1/announce'])
  const allowed = allowedTorrent(blocklist('bad.example'), metainfo)
  expect(allowed.trackers).toEqual([])
  expect(allowed.webSeeds).toEqual(['http://good.example/film.mp4'])
  expect({ ...allowed, trackers: metainfo.trackers, webSeeds: metainfo.webSeeds }).toEqual(metainfo)
})

test('blocked bytes are gone, whatever named them', () => {
  const gone = expect.objectContaining({ code: 'SOURCE_GONE' })
  const list = blocklist(built.infoHash)
  expect(() => allowedTorrent(list, metainfo)).toThrow(gone)
  expect(() => refuseBlocked(list, built.infoHash)).toThrow(gone)
  expect(() => refuseBlocked(list, undefined)).not.toThrow()
  expect(() => refuseBlocked(blocklist(), built.infoHash)).not.toThrow()
})
