import { mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import {
  firstPiece,
  type PieceLayout,
  pieceCount,
  pieceSize,
} from '../../../../common/bittorrent/piece-layout.ts'
import { PieceFiles } from '../../../../torrent/engine/storage/piece-files.ts'
import { payload } from '../../../support/swarm/payload.ts'

let folder = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'playlink-pieces-'))
})
afterEach(() => rm(folder, { recursive: true }))

const TORRENT = payload('piece-files', 1000)
const layoutOf = (offset: number, size: number, pieceLength = 100): PieceLayout => ({
  pieceLength,
  torrentLength: TORRENT.length,
  offset,
  size,
})
const pieceBytes = (l: PieceLayout, piece: number): Buffer =>
  TORRENT.subarray(piece * l.pieceLength, piece * l.pieceLength + pieceSize(l, piece))
const numbers = (l: PieceLayout): number[] =>
  Array.from({ length: pieceCount(l) }, (_, i) => firstPiece(l) + i)

async function opened(l: PieceLayout, fileIdx = 0): Promise<PieceFiles> {
  await writeFile(join(folder, `${fileIdx}`), '', { flag: 'a' })
  return PieceFiles.open(folder, fileIdx, l)
}

/** Where a file may lie: aligned, over both edges, within one piece, at the torrent's short end. */
const layouts: readonly (readonly [string, PieceLayout, edges: readonly string[]])[] = [
  ['aligned', layoutOf(200, 300), []],
  ['over both edges', layoutOf(250, 300), ['0-2', '0-5']],
  ['over its first edge only', layoutOf(250, 250), ['0-2']],
  ['over its last edge only', layoutOf(200, 250), ['0-4']],
  ['within one piece', layoutOf(420, 30), ['0-4']],
  ['to the short last piece', layoutOf(850, 150, 300), ['0-2']],
  ['the whole torrent, last piece short', layoutOf(0, 1000, 300), []],
  ['one byte', layoutOf(999, 1), ['0-9']],
]

describe('pieces on disk', () => {
  test.each(layouts)('a file %s: every part of every piece comes back', async (_name, l, edges) => {
    const files = await opened(l)
    for (const piece of numbers(l).reverse()) await files.write(piece, pieceBytes(l, piece))
    expect(await readFile(join(folder, '0'))).toEqual(TORRENT.subarray(l.offset, l.offset + l.size))
    expect((await readdir(join(folder, 'edges')).catch(() => [])).sort()).toEqual(edges)
    for (const piece of numbers(l)) {
      const whole = pieceBytes(l, piece)
      for (const [offset, length] of [
        [0, whole.length],
        [0, 1],
        [1, 40],
        [45, 10],
        [60, 9999],
      ] as const) {
        if (offset >= whole.length) continue
        const part = await files.read(piece, offset, length)
        expect(part).toEqual(whole.subarray(offset, offset + length))
      }
    }
    await files.close()
  })

  test.each(layouts)('a file %s covers its own pieces and no others', async (_name, l) => {
    const files = await opened(l)
    expect([...Array(12).keys()].filter((piece) => files.covers(piece))).toEqual(numbers(l))
    await files.close()
  })

  test('several files in one piece keep their parts apart', async () => {
    const parts = [layoutOf(410, 20), layoutOf(430, 30), layoutOf(460, 140)]
    for (const [fileIdx, l] of parts.entries()) {
      const files = await opened(l, fileIdx)
      for (const piece of numbers(l)) await files.write(piece, pieceBytes(l, piece))
      for (const piece of numbers(l)) {
        expect(await files.read(piece, 0, 100)).toEqual(pieceBytes(l, piece))
      }
      await files.close()
    }
    expect((await readdir(join(folder, 'edges'))).sort()).toEqual(['0-4', '1-4', '2-4'])
    expect((await readFile(join(folder, '1'))).equals(TORRENT.subarray(430, 460))).toBe(true)
  })

  test('a piece written again is replaced, its edge too', async () => {
    const l = layoutOf(250, 300)
    const files = await opened(l)
    await files.write(2, Buffer.alloc(100, 1))
    await files.write(2, pieceBytes(l, 2))
    expect(await files.read(2, 0, 100)).toEqual(pieceBytes(l, 2))
    expect((await readFile(join(folder, 'edges', '0-2'))).length).toBe(50)
    await files.close()
  })

  test('what is not there is an error, not zeros', async () => {
    const l = layoutOf(250, 300)
    const files = await opened(l)
    await expect(files.read(3, 0, 100)).rejects.toThrow('shorter')
    await files.write(2, pieceBytes(l, 2))
    await truncate(join(folder, 'edges', '0-2'), 10)
    await expect(files.read(2, 0, 100)).rejects.toThrow('shorter')
    expect(await files.read(2, 50, 50)).toEqual(pieceBytes(l, 2).subarray(50))
    await rm(join(folder, 'edges', '0-2'))
    await expect(files.read(2, 0, 100)).rejects.toThrow('ENOENT')
    await files.close()
  })

  test.each([
    [-1, 10],
    [100, 1],
    [0, 0],
    [50, -1],
  ])('refuses %p, %p: outside', async (at, length) => {
    const l = layoutOf(200, 300)
    const files = await opened(l)
    await files.write(2, pieceBytes(l, 2))
    await expect(files.read(2, at, length)).rejects.toThrow('outside the piece')
    await files.close()
  })

  test('a missing file cannot be opened, a closed one not be used', async () => {
    await expect(PieceFiles.open(folder, 3, layoutOf(0, 100))).rejects.toThrow('ENOENT')
    const files = await opened(layoutOf(0, 100))
    await files.close()
    await expect(files.write(0, Buffer.alloc(100))).rejects.toThrow()
  })
})
