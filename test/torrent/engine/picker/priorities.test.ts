import { describe, expect, test } from '@jest/globals'
import { Bitfield } from '../../../../common/bittorrent/bitfield.ts'
import {
  firstPiece,
  type PieceLayout,
  pieceCount,
} from '../../../../common/bittorrent/piece-layout.ts'
import { type PrioritizedFile, prioritize } from '../../../../torrent/engine/picker/priorities.ts'

const MiB = 1024 * 1024
const ALL = 1_000_000

/** A file: sizes and places in MiB, pieces of one MiB. */
function fileOf(
  size: number,
  readers: readonly (readonly [at: number, end?: number])[],
  more: { offset?: number; fill?: 'whole' | 'window'; have?: readonly number[] } = {},
): PrioritizedFile {
  const offset = (more.offset ?? 0) * MiB
  const torrentLength = offset + (size + 3) * MiB
  const layout: PieceLayout = { pieceLength: MiB, torrentLength, offset, size: size * MiB }
  const have = new Bitfield(pieceCount(layout))
  for (const piece of more.have ?? []) have.set(piece)
  const places = readers.map(([at, end = size]) => ({ at: at * MiB, end: end * MiB - 1 }))
  const lacks = lacking(layout, have)
  return { layout, lacks, readers: places, fill: more.fill ?? 'whole' }
}
const lacking =
  (layout: PieceLayout, have: Bitfield) =>
  (piece: number): boolean => {
    const local = piece - firstPiece(layout)
    return local >= 0 && local < have.length && !have.has(local)
  }
const range = (from: number, to: number): number[] =>
  Array.from({ length: to - from }, (_, i) => from + i)

describe('prioritize', () => {
  test('no pieces while nobody reads', () => {
    for (const files of [[fileOf(40, [])], []]) {
      const none = prioritize(files, ALL)
      expect(none).toMatchObject({ order: [], urgent: 0, timeCritical: [] })
      expect([...none.beyond()]).toEqual([])
    }
  })

  test('playhead, window, tail; the rest only for peers that have nothing of these', () => {
    const { order, urgent, beyond } = prioritize([fileOf(40, [[10]])], ALL)
    expect(order).toEqual([...range(10, 26), 39])
    expect(urgent).toBe(4)
    expect([...beyond()]).toEqual([...range(0, 10), ...range(26, 39)])
  })

  test('the rest from the reader on and around, once nothing urgent is missing', () => {
    const have = range(10, 14)
    const { order, urgent } = prioritize([fileOf(40, [[10]], { have })], ALL)
    expect(order).toEqual([...range(14, 26), 39, ...range(26, 39), ...range(0, 10)])
    expect(urgent).toBe(0)
    const two = prioritize([fileOf(40, [[10], [30]], { have })], ALL)
    expect(two.urgent).toBe(4)
    expect(two.order.filter((piece) => piece < 10 || (piece >= 26 && piece < 30))).toEqual([])
  })

  test('`window` stops at the window and the tail', () => {
    const { order } = prioritize([fileOf(40, [[10]], { fill: 'window' })], ALL)
    expect(order).toEqual([...range(10, 26), 39])
  })

  test('a playhead within a piece wants that piece whole and the next ones', () => {
    const { order, urgent } = prioritize([fileOf(40, [[10.5]], { fill: 'window' })], ALL)
    expect(order).toEqual([...range(10, 27), 39])
    expect(urgent).toBe(5)
  })

  test('leaves out what is here', () => {
    const have = [10, 12, 39]
    const { order, urgent } = prioritize([fileOf(40, [[10]], { fill: 'window', have })], ALL)
    expect(order).toEqual([11, ...range(13, 26)])
    expect(urgent).toBe(2)
  })

  test('a short range wants no more than it reads, the tail beside', () => {
    const { order } = prioritize([fileOf(40, [[10, 12]], { fill: 'window' })], ALL)
    expect(order).toEqual([10, 11, 39])
  })

  test('two readers take turns: nobody waits behind the other’s window', () => {
    const { order, urgent } = prioritize([fileOf(60, [[0], [30]], { fill: 'window' })], ALL)
    expect(order.slice(0, 8)).toEqual([0, 30, 1, 31, 2, 32, 3, 33])
    expect(order.slice(8, 12)).toEqual([4, 34, 5, 35])
    expect(urgent).toBe(8)
  })

  test('several readers at one place count once', () => {
    const { beyond: _, fills: __, ...once } = prioritize([fileOf(40, [[3]])], ALL)
    expect(prioritize([fileOf(40, [[3], [3], [3]])], ALL)).toMatchObject(once)
  })

  test('files of one torrent: pieces are numbered in the torrent, a shared one comes once', () => {
    const a = fileOf(2.5, [[0]])
    const b = fileOf(4, [[0]], { offset: 2.5 })
    const { order } = prioritize([a, b], ALL)
    expect([...order].sort((x, y) => x - y)).toEqual(range(0, 7))
    expect(order.slice(0, 2)).toEqual([0, 2])
  })

  test('only the files that somebody reads', () => {
    const { order } = prioritize([fileOf(2, []), fileOf(2, [[0]], { offset: 2 })], ALL)
    expect(order).toEqual([2, 3])
  })

  test.each([1, 4, 20, 39])('at most %p pieces, the most wanted ones', (limit) => {
    const { order, urgent } = prioritize([fileOf(40, [[10]])], limit)
    expect(order).toEqual(prioritize([fileOf(40, [[10]])], ALL).order.slice(0, limit))
    expect(urgent).toBe(Math.min(4, limit))
  })

  test('the tail is all pieces that hold the last 64 KiB', () => {
    const layout = { pieceLength: 16384, torrentLength: 40 * MiB, offset: 0, size: 40 * MiB - 9 }
    const have = new Bitfield(pieceCount(layout))
    const readers = [{ at: 0, end: 0 }]
    const { order } = prioritize(
      [{ layout, lacks: lacking(layout, have), readers, fill: 'window' }],
      ALL,
    )
    expect(order).toEqual([0, 2555, 2556, 2557, 2558, 2559])
  })

  test('an empty file and a complete one want nothing', () => {
    expect(prioritize([fileOf(0, [[0]])], ALL).order).toEqual([])
    expect(prioritize([fileOf(3, [[0]], { have: [0, 1, 2] })], ALL).order).toEqual([])
  })
})
