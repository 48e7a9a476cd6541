import { describe, expect, test } from '@jest/globals'
import type { Block } from '../../../../torrent/engine/blocks/block.ts'
import { RateLimit } from '../../../../torrent/engine/swarm/rate-limit.ts'
import { type UploadPeer, UploadQueue } from '../../../../torrent/engine/wire/upload-queue.ts'
import { eventually, sleep } from '../../../support/wait.ts'

const block = (piece: number, length = 16_384): Block => ({ piece, offset: 0, length })

/** A peer that records what is done to it. */
class Leecher implements UploadPeer {
  peerInterested = false
  fast = true
  canSend = true
  choked = true
  readonly got: number[] = []
  readonly rejected: number[] = []
  choke(choke: boolean): void {
    this.choked = choke
  }
  piece(given: Block, bytes: Uint8Array): void {
    if (bytes.length !== given.length) throw new Error('another message than its head says')
    this.got.push(given.piece)
  }
  reject(given: Block): void {
    this.rejected.push(given.piece)
  }
  wants(queue: UploadQueue, interested = true): this {
    this.peerInterested = interested
    queue.interestChanged(this)
    return this
  }
}

type Read = (piece: number, offset: number, length: number) => Promise<Uint8Array>

function make(options: { bytesPerSecond?: number; has?: number; read?: Read } = {}) {
  const { bytesPerSecond = -1, has = 1000 } = options
  const read = options.read ?? (async (_piece, _offset, length) => new Uint8Array(length))
  const limit = new RateLimit(bytesPerSecond)
  const queue = new UploadQueue({ limit, has: (piece) => piece < has, read })
  return { queue, limit }
}

describe('slots', () => {
  test('four peers are unchoked; the next when one leaves or is not interested any more', () => {
    const { queue } = make()
    const all = Array.from({ length: 6 }, () => new Leecher().wants(queue))
    const free = (): boolean[] => all.map((one) => !one.choked)
    expect(free()).toEqual([true, true, true, true, false, false])
    all[1]?.wants(queue, false)
    expect(free()).toEqual([true, false, true, true, true, false])
    queue.closed(all[0] as Leecher)
    expect(free().slice(1)).toEqual([false, true, true, true, true])
  })

  test('rotation gives everybody a slot', () => {
    const { queue } = make()
    const all = Array.from({ length: 6 }, () => new Leecher().wants(queue))
    const served = new Set<number>()
    for (let turn = 0; turn < 6; turn++) {
      all.forEach((one, i) => {
        if (!one.choked) served.add(i)
      })
      queue.rotate()
      expect(all.filter((one) => !one.choked)).toHaveLength(4)
    }
    expect(served.size).toBe(6)
  })

  test('with a slot for each, rotation chokes nobody', () => {
    const { queue } = make()
    queue.rotate()
    const all = [1, 2, 3, 4].map(() => new Leecher().wants(queue))
    queue.rotate()
    expect(all.some((one) => one.choked)).toBe(false)
  })

  test('nobody is unchoked when uploads are off', () => {
    const { queue } = make({ bytesPerSecond: 0 })
    const one = new Leecher().wants(queue)
    queue.requested(one, block(0))
    expect([one.choked, one.rejected]).toEqual([true, [0]])
  })
})

describe('requests', () => {
  test('are answered in order', async () => {
    const { queue } = make()
    const one = new Leecher().wants(queue)
    for (const piece of [5, 6, 7]) queue.requested(one, block(piece))
    await eventually('three blocks', () => one.got.length === 3)
    expect([one.got, one.rejected]).toEqual([[5, 6, 7], []])
  })

  test('are rejected from a choked peer, with a bad length, and for a piece we do not have', async () => {
    const { queue } = make({ has: 3 })
    const choked = new Leecher()
    queue.requested(choked, block(0))
    const one = new Leecher().wants(queue)
    for (const asked of [block(0, 0), block(1, 131_073), block(3), block(0xffff_ffff)]) {
      queue.requested(one, asked)
    }
    queue.requested(one, block(2, 131_072))
    await eventually('the honest one', () => one.got.length === 1)
    expect([choked.rejected, one.got, one.rejected]).toEqual([[0], [2], [0, 1, 3, 0xffff_ffff]])
  })

  test('beyond the end of a piece, or unreadable, are rejected, and the next is served', async () => {
    const read: Read = async (piece, _offset, length) => {
      if (piece === 0) throw new Error('gone')
      return new Uint8Array(piece === 1 ? length - 1 : length)
    }
    const { queue } = make({ read })
    const one = new Leecher().wants(queue)
    for (const piece of [0, 1, 2]) queue.requested(one, block(piece))
    await eventually('the last', () => one.got.length === 1)
    expect([one.got, one.rejected]).toEqual([[2], [0, 1]])
  })

  test('are kept up to 250 for each peer, whatever others request', async () => {
    const { queue, limit } = make({ bytesPerSecond: 1 })
    const greedy = new Leecher().wants(queue)
    const modest = new Leecher().wants(queue)
    for (let piece = 0; piece < 400; piece++) queue.requested(greedy, block(piece))
    queue.requested(modest, block(0))
    // One is being served already.
    expect([greedy.rejected.length, modest.rejected.length]).toEqual([149, 0])
    limit.close()
    await eventually('the end', () => greedy.rejected.length + greedy.got.length === 400)
  })

  test('are kept up to 2000 for a peer that knows no rejects, and answered in order', async () => {
    const { queue } = make()
    const one = new Leecher().wants(queue)
    one.fast = false
    for (let piece = 0; piece < 900; piece++) queue.requested(one, block(piece, 100))
    await eventually('all of them', () => one.got.length === 900)
    expect(one.got).toEqual([...Array(900).keys()])
    expect(one.rejected).toEqual([])
    one.canSend = false
    for (let piece = 0; piece < 2100; piece++) queue.requested(one, block(piece % 1000, 100))
    expect(one.rejected).toHaveLength(100)
  })

  test('of two peers are answered alternately', async () => {
    const order: number[] = []
    const read: Read = async (piece, _offset, length) => {
      order.push(piece)
      return new Uint8Array(length)
    }
    const { queue } = make({ read })
    const [a, b] = [new Leecher().wants(queue), new Leecher().wants(queue)]
    for (const piece of [10, 11, 12]) queue.requested(a, block(piece))
    for (const piece of [20, 21, 22]) queue.requested(b, block(piece))
    await eventually('all', () => order.length === 6)
    expect(order.indexOf(21)).toBeLessThan(order.indexOf(12))
  })
})

describe('cancel, choke and slow readers', () => {
  /** Reads wait until the test resolves them. */
  function held() {
    const waiting: (() => void)[] = []
    const read: Read = (_piece, _offset, length) =>
      new Promise((resolve) => waiting.push(() => resolve(new Uint8Array(length))))
    return { waiting, ...make({ read }) }
  }

  test('cancelled requests are rejected, others stay', async () => {
    const { queue, waiting } = held()
    const one = new Leecher().wants(queue)
    for (const piece of [0, 1, 2]) queue.requested(one, block(piece))
    queue.cancelled(one, block(1))
    queue.cancelled(one, block(9))
    queue.cancelled(new Leecher(), block(2))
    await eventually('the first read', () => waiting.length === 1)
    waiting.shift()?.()
    await eventually('the second read', () => waiting.length === 1)
    waiting.shift()?.()
    await eventually('two blocks', () => one.got.length === 2)
    expect([one.got, one.rejected]).toEqual([[0, 2], [1]])
  })

  test('a peer that is choked or gone while its block is read gets nothing', async () => {
    const { queue, waiting } = held()
    const [choked, gone] = [new Leecher().wants(queue), new Leecher().wants(queue)]
    queue.requested(choked, block(0))
    queue.requested(choked, block(1))
    await eventually('the first read', () => waiting.length === 1)
    choked.wants(queue, false)
    expect(choked.rejected).toEqual([1])
    queue.requested(gone, block(2))
    waiting.shift()?.()
    await eventually('the second read', () => waiting.length === 1)
    queue.closed(gone)
    waiting.shift()?.()
    await sleep(10)
    expect([choked.got, gone.got]).toEqual([[], []])
  })

  test('a peer that does not read is sent no more until it has; others are', async () => {
    const { queue } = make()
    const [deaf, other] = [new Leecher().wants(queue), new Leecher().wants(queue)]
    deaf.canSend = false
    queue.requested(deaf, block(0))
    queue.requested(other, block(1))
    await eventually('the other one', () => other.got.length === 1)
    expect(deaf.got).toEqual([])
    deaf.canSend = true
    queue.drained()
    await eventually('its turn', () => deaf.got.length === 1)
  })
})
