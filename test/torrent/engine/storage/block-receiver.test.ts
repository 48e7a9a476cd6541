import { createHash } from 'node:crypto'
import { expect, test } from '@jest/globals'
import type { Metainfo } from '../../../../common/bittorrent/metainfo.ts'
import { BLOCK, type Block } from '../../../../torrent/engine/blocks/block.ts'
import { ConnectedPeers } from '../../../../torrent/engine/connected-peers.ts'
import { BlockReceiver } from '../../../../torrent/engine/storage/block-receiver.ts'
import type { EngineFiles } from '../../../../torrent/engine/storage/engine-files.ts'
import { PieceBudget } from '../../../../torrent/engine/storage/piece-budget.ts'
import type { PieceWriter } from '../../../../torrent/engine/storage/piece-writer.ts'
import { readPause } from '../../../../torrent/engine/swarm/read-pause.ts'
import type { SwarmPeer } from '../../../../torrent/engine/swarm/swarm.ts'

const PIECES = 4
const size = PIECES * BLOCK
const zeros = Buffer.alloc(BLOCK)

test('nothing is read while the piece that a viewer waits for is written; others do not', async () => {
  const hash = createHash('sha1').update(zeros).digest()
  const pieces = Buffer.concat(Array<Buffer>(PIECES).fill(hash))
  const meta = { version: 1, pieceLength: BLOCK, length: size, pieces } as unknown as Metainfo
  const have = new Set<number>()
  const lacks = (piece: number): boolean => !have.has(piece)
  const has = (piece: number): boolean => have.has(piece)
  const layout = { pieceLength: BLOCK, torrentLength: size, offset: 0, size }
  const readers = [{ at: 0, end: size - 1 }]
  const file = { id: 1, layout, fill: 'whole', readers, lacks, has }
  const files = { all: () => [file], get: () => file } as unknown as EngineFiles
  const seen: [what: string, piece: number, paused: boolean][] = []
  const writer = {
    async write(_files: unknown, piece: number) {
      seen.push(['writes', piece, readPause.isPaused])
      have.add(piece)
      return { failures: [], hangs: false }
    },
  } as unknown as PieceWriter
  const asked: Block[] = []
  const about = { id: 'p', address: '127.0.0.1:1', maxQueue: 250, received: 0, choked: false }
  const calls = { has: () => true, request: (block: Block) => void asked.push(block) }
  const peer: SwarmPeer = { ...about, ...calls, cancel() {}, drop() {} }
  const port = new ConnectedPeers(() => {})
  const receiver: BlockReceiver = new BlockReceiver({
    ...{ meta, port, files, writer, countBytes() {}, writeFailed() {} },
    memory: new PieceBudget(size).share(() => {}),
    written: (piece) => void seen.push(['told', piece, readPause.isPaused]),
  })
  port.serve(receiver.picker)
  port.joined(peer)
  receiver.plan()
  // Piece 0 is where the reader starts; it goes on from there.
  for (const piece of [0, 1]) {
    const block = asked.find((one) => one.piece === piece)
    if (!block) throw new Error('it was not asked for')
    receiver.take(peer, block, zeros)
    while (!have.has(piece) || seen.at(-1)?.[0] !== 'told') await null
    await new Promise(setImmediate)
    expect(readPause.isPaused).toBe(false)
  }
  expect(seen).toEqual([
    ['writes', 0, true],
    ['told', 0, true],
    ['writes', 1, false],
    ['told', 1, false],
  ])
})
