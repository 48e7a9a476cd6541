import { describe, expect, test } from '@jest/globals'
import { Bitfield } from '../../../../common/bittorrent/bitfield.ts'
import { firstPiece } from '../../../../common/bittorrent/piece-layout.ts'
import type { Content } from '../../../../torrent/engine/storage/content.ts'
import { copyEdges, createContents, piecesOf } from '../../../../torrent/engine/storage/contents.ts'
import { sha1 } from '../../../support/swarm/payload.ts'
import { LAYOUT, pieceBytes } from '../../slots.ts'

const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

interface Fake extends Content {
  closed: number
}
/** A content in memory that has these pieces. */
function fake(id: number, pieces: readonly number[] = [], announced = true): Fake {
  const have = new Bitfield(7)
  const first = firstPiece(LAYOUT)
  for (const piece of pieces) have.set(piece - first)
  const content: Fake = {
    ...{ id, layout: LAYOUT, fill: 'whole', have, readers: [], announced, turn: 0, closed: 0 },
    lacks: (piece) => !have.has(piece - first),
    has: (piece) => have.has(piece - first),
    keep: async (piece) => void have.set(piece - first),
    read: async (piece) => pieceBytes(piece),
    close: async () => void content.closed++,
  }
  return content
}

function bench(more: { prepare?: () => Promise<void>; refuse?: boolean } = {}) {
  const opened: number[] = []
  const failed: (readonly [number, string])[] = []
  const contents = createContents({
    prepare: more.prepare ?? (async () => {}),
    opened: (content) => {
      if (more.refuse) throw new Error('refused')
      opened.push(content.id)
    },
    failed: (id, why) => void failed.push([id, why]),
  })
  return { contents, opened, failed }
}

describe('createContents', () => {
  test('opens nothing before it is ready, then all that waited', async () => {
    const { contents, opened } = bench()
    let starts = 0
    const start = (id: number) => async () => {
      starts++
      return fake(id)
    }
    contents.add(1, start(1))
    contents.add(2, start(2))
    expect(contents.end(1)).toBe(undefined)
    await settle()
    expect([starts, contents.ids()]).toEqual([0, [2]])
    contents.ready()
    await settle()
    contents.add(3, start(3))
    await settle()
    expect([starts, opened, contents.all().map((c) => c.id)]).toEqual([2, [2, 3], [2, 3]])
  })

  test('ended while it opens: closed, and nobody hears of it', async () => {
    const { contents, opened, failed } = bench()
    contents.ready()
    const gate = Promise.withResolvers<void>()
    const content = fake(1)
    contents.add(1, () => gate.promise.then(() => content))
    expect([contents.ids(), contents.get(1)]).toEqual([[1], undefined])
    contents.end(1)
    gate.resolve()
    await settle()
    expect({ opened, failed, closed: content.closed }).toEqual({
      opened: [],
      failed: [],
      closed: 1,
    })
  })

  test('ended while opening fails: nobody hears of it', async () => {
    const { contents, failed } = bench()
    contents.ready()
    const gate = Promise.withResolvers<Content>()
    contents.add(1, () => gate.promise)
    contents.end(1)
    gate.reject(new Error('no such file'))
    await settle()
    expect(failed).toEqual([])
  })

  test('what cannot be opened is told with its reason, once', async () => {
    const { contents, failed } = bench()
    contents.ready()
    contents.add(1, () => Promise.reject(new Error('no such file')))
    await settle()
    expect([failed, contents.ids()]).toEqual([[[1, 'no such file']], []])
  })

  test.each([
    ['prepared', bench({ prepare: () => Promise.reject(new Error('refused')) })],
    ['announced', bench({ refuse: true })],
  ])('what cannot be %s is closed and told', async (_, { contents, failed }) => {
    contents.ready()
    const content = fake(1)
    contents.add(1, async () => content)
    await settle()
    expect([failed, content.closed, contents.all()]).toEqual([[[1, 'refused']], 1, []])
  })

  test('ended: handed out once, to be closed by whoever ended it', async () => {
    const { contents } = bench()
    contents.ready()
    const content = fake(1)
    contents.add(1, async () => content)
    await settle()
    expect(contents.end(1)).toBe(content)
    expect(contents.end(1)).toBe(undefined)
    expect(content.closed).toBe(0)
  })
})

describe('copyEdges', () => {
  const hashes = Buffer.concat(Array.from({ length: 10 }, (_, piece) => sha1(pieceBytes(piece))))
  const meta = { pieceLength: LAYOUT.pieceLength, pieces: hashes }

  test('takes the boundary pieces a neighbour has, and only those', async () => {
    const content = fake(1)
    await copyEdges(content, [fake(2, [2, 4]), fake(3, [8])], meta)
    expect(piecesOf(content).filter((piece) => content.has(piece))).toEqual([2, 8])
  })

  test('not from slots, not into slots, not what does not verify', async () => {
    const content = fake(1)
    await copyEdges(content, [fake(2, [2, 8], false)], meta)
    expect(content.have.count).toBe(0)
    const slots = fake(3, [], false)
    await copyEdges(slots, [fake(2, [2, 8])], meta)
    expect(slots.have.count).toBe(0)
    const liar = { ...fake(2, [2, 8]), read: async () => Buffer.alloc(100) }
    await copyEdges(content, [liar], meta)
    expect(content.have.count).toBe(0)
  })
})
