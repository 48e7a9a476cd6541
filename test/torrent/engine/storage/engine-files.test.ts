import { describe, expect, test } from '@jest/globals'
import { Bitfield } from '../../../../common/bittorrent/bitfield.ts'
import { firstPiece } from '../../../../common/bittorrent/piece-layout.ts'
import type { EngineFile } from '../../../../torrent/engine/storage/engine-file.ts'
import {
  copyEdges,
  EngineFiles,
  piecesOf,
} from '../../../../torrent/engine/storage/engine-files.ts'
import { sha1 } from '../../../support/swarm/payload.ts'
import { LAYOUT, pieceBytes } from '../../slots.ts'

const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

interface Fake extends EngineFile {
  closed: number
}
/** A file in memory that has these pieces. */
function fake(id: number, pieces: readonly number[] = [], announced = true): Fake {
  const have = new Bitfield(7)
  const first = firstPiece(LAYOUT)
  for (const piece of pieces) have.set(piece - first)
  const file: Fake = {
    ...{
      id,
      layout: LAYOUT,
      fill: 'whole',
      have,
      readers: [],
      announced,
      generation: 0,
      closed: 0,
    },
    lacks: (piece) => !have.has(piece - first),
    has: (piece) => have.has(piece - first),
    hasRoomFor: () => true,
    untilRoomFor: async () => {},
    giveRoom: () => {},
    write: async (piece) => void have.set(piece - first),
    read: async (piece) => pieceBytes(piece),
    close: async () => void file.closed++,
  }
  return file
}

function bench(more: { prepare?: () => Promise<void>; refuse?: boolean } = {}) {
  const opened: number[] = []
  const failed: (readonly [number, string])[] = []
  const files = new EngineFiles({
    prepare: more.prepare ?? (async () => {}),
    opened: (file) => {
      if (more.refuse) throw new Error('refused')
      opened.push(file.id)
    },
    failed: (id, why) => void failed.push([id, why]),
  })
  return { files, opened, failed }
}

describe('createContents', () => {
  test('opens nothing before it is ready, then all that waited', async () => {
    const { files, opened } = bench()
    let starts = 0
    const start = (id: number) => async () => {
      starts++
      return fake(id)
    }
    files.add(1, start(1))
    files.add(2, start(2))
    expect(files.end(1)).toBe(undefined)
    await settle()
    expect([starts, files.ids()]).toEqual([0, [2]])
    files.ready()
    await settle()
    files.add(3, start(3))
    await settle()
    expect([starts, opened, files.all().map((c) => c.id)]).toEqual([2, [2, 3], [2, 3]])
  })

  test('ended while it opens: closed, and nobody hears of it', async () => {
    const { files, opened, failed } = bench()
    files.ready()
    const gate = Promise.withResolvers<void>()
    const file = fake(1)
    files.add(1, () => gate.promise.then(() => file))
    expect([files.ids(), files.get(1)]).toEqual([[1], undefined])
    files.end(1)
    gate.resolve()
    await settle()
    expect({ opened, failed, closed: file.closed }).toEqual({
      opened: [],
      failed: [],
      closed: 1,
    })
  })

  test('ended while opening fails: nobody hears of it', async () => {
    const { files, failed } = bench()
    files.ready()
    const gate = Promise.withResolvers<EngineFile>()
    files.add(1, () => gate.promise)
    files.end(1)
    gate.reject(new Error('no such file'))
    await settle()
    expect(failed).toEqual([])
  })

  test('what cannot be opened is told with its reason, once', async () => {
    const { files, failed } = bench()
    files.ready()
    files.add(1, () => Promise.reject(new Error('no such file')))
    await settle()
    expect([failed, files.ids()]).toEqual([[[1, 'no such file']], []])
  })

  test.each([
    ['prepared', bench({ prepare: () => Promise.reject(new Error('refused')) })],
    ['announced', bench({ refuse: true })],
  ])('what cannot be %s is closed and told', async (_, { files, failed }) => {
    files.ready()
    const file = fake(1)
    files.add(1, async () => file)
    await settle()
    expect([failed, file.closed, files.all()]).toEqual([[[1, 'refused']], 1, []])
  })

  test('ended: handed out once, to be closed by whoever ended it', async () => {
    const { files } = bench()
    files.ready()
    const file = fake(1)
    files.add(1, async () => file)
    await settle()
    expect(files.end(1)).toBe(file)
    expect(files.end(1)).toBe(undefined)
    expect(file.closed).toBe(0)
  })
})

describe('copyEdges', () => {
  const hashes = Buffer.concat(Array.from({ length: 10 }, (_, piece) => sha1(pieceBytes(piece))))
  const { pieceLength, torrentLength: length } = LAYOUT
  const meta = { version: 1 as const, pieceLength, length, files: [], pieces: hashes }

  test('takes the boundary pieces a neighbour has, and only those', async () => {
    const file = fake(1)
    await copyEdges(file, [fake(2, [2, 4]), fake(3, [8])], meta)
    expect(piecesOf(file).filter((piece) => file.has(piece))).toEqual([2, 8])
  })

  test('not from slots, not into slots, not what does not verify', async () => {
    const file = fake(1)
    await copyEdges(file, [fake(2, [2, 8], false)], meta)
    expect(file.have.count).toBe(0)
    const slots = fake(3, [], false)
    await copyEdges(slots, [fake(2, [2, 8])], meta)
    expect(slots.have.count).toBe(0)
    const liar = { ...fake(2, [2, 8]), read: async () => Buffer.alloc(100) }
    await copyEdges(file, [liar], meta)
    expect(file.have.count).toBe(0)
  })
})
