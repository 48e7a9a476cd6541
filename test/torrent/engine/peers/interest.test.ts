import { expect, test } from '@jest/globals'
import { Interest, type PiecesOfBoth } from '../../../../torrent/engine/peers/interest.ts'

const COUNT = 100_000

function start() {
  const told: boolean[] = []
  const [theirs, ours] = [new Set<number>(), new Set<number>()]
  let looks = 0
  const pieces: PiecesOfBoth = {
    count: COUNT,
    theirs: (piece) => ++looks > 0 && theirs.has(piece),
    ours: (piece) => ours.has(piece),
  }
  const interest = new Interest((interested) => void told.push(interested))
  return {
    ...{ told, theirs, ours, pieces, interest },
    change: (set: Set<number>, piece: number) => {
      if (piece < COUNT) set.add(piece)
      interest.pieceChanged(piece, pieces)
    },
    get looks() {
      return looks
    },
  }
}

test('the peer is told when it first has what we lack, and when it has nothing of that any more', () => {
  const { told, theirs, ours, change } = start()
  change(ours, 3)
  change(theirs, 3)
  expect(told).toEqual([])
  for (const piece of [70, 90, 80]) change(theirs, piece)
  for (const piece of [90, 70, 80]) change(ours, piece)
  expect(told).toEqual([true, false])
})

test('a piece of ours that went is a reason again', () => {
  const { told, theirs, ours, pieces, interest } = start()
  for (const set of [theirs, ours]) set.add(5)
  interest.piecesChanged(pieces)
  ours.delete(5)
  interest.pieceChanged(5, pieces)
  expect(told).toEqual([true])
})

test.each([
  ['one that we have', 3],
  ['one that no torrent has', 0xffff_ffff],
])('a peer that tells of %s for ever has no others looked at', (_what, piece) => {
  const peer = start()
  peer.ours.add(3)
  for (let i = 0; i < 10_000; i++) peer.change(peer.theirs, piece)
  expect([peer.looks, peer.told]).toEqual([10_000, []])
})

test('pieces that come in order cost a look each, not all of them', () => {
  const peer = start()
  for (let piece = 0; piece < COUNT; piece++) peer.theirs.add(piece)
  peer.interest.piecesChanged(peer.pieces)
  for (let piece = 0; piece < 10_000; piece++) peer.change(peer.ours, piece)
  expect([peer.told, peer.looks < 40_000]).toEqual([[true], true])
})
