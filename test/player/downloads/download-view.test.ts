import { describe, expect, test } from '@jest/globals'
import { Bitfield } from '../../../common/bittorrent/bitfield.ts'
import { fileKey } from '../../../common/bittorrent/file-key.ts'
import { pieceCells, viewOf } from '../../../player/downloads/download-view.ts'
import { createBench, drain, eventually, film } from '../fakes.ts'

const filled = (length: number, ...set: number[]) => {
  const have = new Bitfield(length)
  for (const piece of set) have.set(piece)
  return have
}

describe('the cells of pieces', () => {
  test('few pieces: a cell each', () => {
    expect(pieceCells(filled(4, 0, 3))).toEqual([255, 0, 0, 255])
    expect(pieceCells(filled(0))).toEqual([])
  })

  test('many pieces: every piece is in one cell, a cell tells its share', () => {
    expect(pieceCells(filled(5, 0, 2), 2)).toEqual([127, 85])
    for (const length of [200, 201, 999, 70_000]) {
      const cells = pieceCells(filled(length, length - 1))
      expect(cells).toHaveLength(200)
      expect(cells.filter((cell) => cell > 0).length).toBeLessThanOrEqual(1)
      expect(pieceCells(new Bitfield(length, Buffer.alloc(length, 255)))).toEqual(
        Array(200).fill(255),
      )
    }
  })
})

test('downloads are shown while they run, with name, peers and pieces', async () => {
  const one = film('one')
  const bench = createBench({ torrents: [one] })
  expect(bench.player.status.downloads()).toEqual([])
  const play = await bench.play().playable
  const view = { key: fileKey(one.infoHash, 0), name: 'one.mp4', size: one.content.length }
  bench.engine.opened[0]?.deliver(4)
  const pieces = [255, 255, 255, 255, 0, 0, 0, 0, 0, 0]
  const running = { ...view, percent: 44, peers: 1, bytesPerSecond: 1000, pieces }
  await eventually('four pieces', () => bench.engine.opened[0]?.have.count === 4)
  expect(bench.player.status.downloads()).toEqual([running])
  bench.engine.opened[0]?.finish()
  await drain(play)
  const done = { ...running, percent: 100, bytesPerSecond: 0, pieces: Array(10).fill(255) }
  expect(bench.player.status.downloads()).toEqual([done])
  expect(bench.player.status.firstBytes()).toEqual([{ ms: expect.any(Number), from: 'swarm' }])
  play.release()
  await eventually('gone', () => bench.player.status.downloads().length === 0)
  await bench.player.close()
})

test('played through slots: no per cent, no pieces', () => {
  const key = fileKey('a'.repeat(40), 1)
  const progress = { peers: 2, bytesPerSecond: 5 }
  expect(viewOf(key, { name: 'long.mkv', size: 9, file: { progress } })).toEqual({
    ...{ key, name: 'long.mkv', size: 9, pieces: [], ...progress },
  })
})
