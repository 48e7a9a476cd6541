import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { parseMetainfo } from '../../../../common/bittorrent/metainfo.ts'
import { openEngineFile } from '../../../../torrent/engine/storage/engine-file.ts'
import { buildTorrent } from '../../../support/swarm/torrent.ts'

const PIECE = 16 * 1024

/** Else they would take room that is given to other pieces: more on disk than the limit. */
test('pieces that a dead engine wrote and did not tell of are found, and take their room', async () => {
  const torrent = buildTorrent({ name: 'a.mp4', size: PIECE * 4, pieceLength: PIECE })
  const metainfo = parseMetainfo(torrent.torrent(), { maxLength: 1e9 })
  const folder = await mkdtemp(join(tmpdir(), 'playlink-death-'))
  await mkdir(join(folder, 'edges'))
  const half = Buffer.concat([torrent.content.subarray(0, 2.5 * PIECE), Buffer.alloc(1.5 * PIECE)])
  await writeFile(join(folder, '0'), half)
  const place = {
    ...{ folder, fileIdx: 0, trusted: true, fill: 'whole' as const, mayHoldMore: true },
    layout: { pieceLength: PIECE, torrentLength: PIECE * 4, offset: 0, size: PIECE * 4 },
    have: Uint8Array.of(0b1000_0000), // told: the first of two and a half
    room: 3 * PIECE,
  }
  const file = await openEngineFile(1, place, metainfo, () => {})
  expect([0, 1, 2, 3].map((piece) => file.has(piece))).toEqual([true, true, false, false])
  expect([2, 3].map((piece) => file.hasRoomFor(piece))).toEqual([true, false])
  await file.close()
  await rm(folder, { recursive: true })
})
