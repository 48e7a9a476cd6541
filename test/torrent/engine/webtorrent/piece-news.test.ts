import { EventEmitter } from 'node:events'
import { beforeEach, describe, expect, test } from '@jest/globals'
import { PieceNews } from '../../../../torrent/engine/webtorrent/piece-news.ts'
import type { WtTorrent, WtWire } from '../../../../torrent/engine/webtorrent/webtorrent-types.ts'

const PIECES = 12

/** A connection of webtorrent that keeps what it is told to send. */
class Wire extends EventEmitter {
  readonly said: string[] = []
  readonly lt_donthave = new EventEmitter()
  hasFast = true
  readonly theirs = new Set<number>()
  /** How often it was asked for a piece of its peer. */
  looks = 0
  readonly peerPieces = { get: (piece: number) => ++this.looks > 0 && this.theirs.has(piece) }
  have = (piece: number): void => void this.said.push(`have ${piece}`)
  bitfield = (): void => void this.said.push('bitfield')
  haveAll = (): void => void this.said.push('have all')
  haveNone = (): void => void this.said.push('have none')
  interested = (): void => void this.said.push('interested')
  uninterested = (): void => void this.said.push('not interested')

  has(...pieces: readonly number[]): void {
    for (const piece of pieces) {
      this.theirs.add(piece)
      this.emit('have', piece)
    }
  }
  hasAll(): void {
    for (let piece = 0; piece < PIECES; piece++) this.theirs.add(piece)
    this.emit('have-all')
  }
  bits(...pieces: readonly number[]): void {
    for (const piece of pieces) this.theirs.add(piece)
    this.emit('bitfield')
  }
}

class Torrent {
  ready = true
  destroyed = false
  pieces: (object | null)[]
  readonly wires: Wire[] = []
  _updateWireInterest: (wire: WtWire) => void = () => {}
  constructor(count = PIECES) {
    this.pieces = Array.from({ length: count }, () => ({}))
  }
  _markVerified(piece: number): void {
    this.pieces[piece] = null
  }
  _markUnverified(piece: number): void {
    this.pieces[piece] = {}
  }
}

let torrent: Torrent
let news: PieceNews
function start(count?: number, ready = true): void {
  torrent = new Torrent(count)
  torrent.ready = ready
  news = new PieceNews(torrent as unknown as WtTorrent)
}
function connect(): Wire {
  const wire = new Wire()
  torrent.wires.push(wire)
  news.follow(wire as unknown as WtWire)
  return wire
}
beforeEach(() => start())

describe('interest', () => {
  test('is told when the peer first has what we lack, and taken back', () => {
    const wire = connect()
    news.verified(3)
    torrent._updateWireInterest(wire as unknown as WtWire)
    wire.has(3)
    expect(wire.said).toEqual(['have 3'])
    wire.has(5, 6)
    expect(wire.said.splice(0)).toEqual(['have 3', 'interested'])
    for (const piece of [5, 6]) news.verified(piece)
    expect(wire.said.splice(0)).toEqual(['have 5', 'have 6', 'not interested'])
    news.unverified(6)
    expect(wire.said).toEqual(['interested'])
  })

  test.each([
    ['a bitfield', (wire: Wire) => wire.bits(11)],
    ['have-all', (wire: Wire) => wire.hasAll()],
  ])('is told of %s', (_what, say) => {
    const wire = connect()
    say(wire)
    expect(wire.said).toEqual(['interested'])
  })

  test('ends when the peer has no more what we lack', () => {
    const wire = connect()
    wire.has(4)
    wire.theirs.delete(4)
    wire.lt_donthave.emit('donthave', 4)
    news.verified(4)
    expect(wire.said).toEqual(['interested', 'have 4', 'not interested'])
  })

  test('a piece that comes and goes does not have all of them looked at', () => {
    start(100_000)
    const wire = connect()
    for (let i = 0; i < 1000; i++) {
      wire.has(4)
      wire.theirs.delete(4)
      wire.lt_donthave.emit('donthave', 4)
    }
    expect(wire.looks).toBeLessThan(5000)
  })

  test('is told of what was said before the torrent was known', () => {
    start(PIECES, false)
    const wire = connect()
    wire.bits(2)
    expect(wire.said).toEqual([])
    torrent.ready = true
    torrent._updateWireInterest(wire as unknown as WtWire)
    expect(wire.said).toEqual(['interested'])
  })

  test('a piece that changes nothing does not have all of them looked at', () => {
    start(100_000)
    const wire = connect()
    for (let piece = 0; piece < 1000; piece++) news.verified(piece)
    wire.looks = 0
    for (let piece = 0; piece < 1000; piece++) wire.has(piece)
    for (let piece = 2000; piece < 3000; piece++) wire.has(piece)
    expect(wire.looks).toBeLessThan(5000)
  })
})

describe('our pieces', () => {
  test('are told to who has them too, as a super-seeder, and to no seed', () => {
    const [some, seed] = [connect(), connect()]
    some.bits(2)
    seed.hasAll()
    news.verified(2)
    expect([some.said, seed.said]).toEqual([
      ['interested', 'have 2', 'not interested'],
      ['interested'],
    ])
  })

  test.each([true, false])(
    'who connected before the torrent was known hears of none, then of each (fast: %s)',
    async (fast) => {
      start(PIECES, false)
      const wire = connect()
      wire.hasFast = fast
      await Promise.resolve()
      expect(wire.said.splice(0)).toEqual(fast ? ['have none'] : [])
      torrent.ready = true
      for (const piece of [1, 7]) torrent._markVerified(piece)
      wire.bitfield()
      expect(wire.said).toEqual(['have 1', 'have 7'])
    },
  )

  test('nothing is said of a torrent that is not known, or has ended', () => {
    start(PIECES, false)
    const wire = connect()
    news.verified(1)
    torrent.ready = torrent.destroyed = true
    news.verified(1)
    news.unverified(1)
    expect(wire.said).toEqual([])
  })
})
