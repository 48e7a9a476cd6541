import { describe, expect, test } from '@jest/globals'
import { Bitfield } from '../../../../common/bittorrent/bitfield.ts'
import { FileRoom } from '../../../../torrent/engine/storage/file-room.ts'

/** Pieces 2 to 5 of a torrent, the last one of 40 bytes. */
const LAYOUT = { pieceLength: 100, torrentLength: 540, offset: 200, size: 340 }

function roomOf(bytes: number, onDisk: readonly number[] = []) {
  const have = new Bitfield(4)
  for (const piece of onDisk) have.set(piece - 2)
  const needed: number[] = []
  const room = new FileRoom(LAYOUT, have, bytes, (all) => void needed.push(all))
  return { room, needed }
}

describe('FileRoom', () => {
  test('asks once for a piece that has no place, and lets it go on when it has', async () => {
    const { room, needed } = roomOf(100)
    await room.until(2)
    room.take(2)
    expect([room.has(3), needed]).toEqual([false, []])
    let went = false
    const waiting = room.until(3).then(() => {
      went = true
    })
    room.give(199)
    await Promise.resolve()
    expect([went, needed]).toEqual([false, [200]])
    room.give(200)
    await waiting
    room.take(3)
    expect([room.has(4), room.has(5)]).toEqual([false, false])
    room.give(240)
    expect([room.has(4), room.has(5)]).toEqual([false, true])
  })

  test('what is on disk has its room, also when it is written again', () => {
    const { room, needed } = roomOf(100, [2])
    expect([room.has(2), room.has(3)]).toEqual([true, false])
    room.take(2)
    expect([room.has(2), room.has(3)]).toEqual([true, false])
    expect(needed).toEqual([])
  })

  test('less than before is no change', () => {
    const { room } = roomOf(200)
    room.give(100)
    room.take(2)
    expect(room.has(3)).toBe(true)
  })

  test('closed: who waits ends, and nobody begins to', async () => {
    const { room, needed } = roomOf(0)
    const waiting = room.until(2)
    room.close()
    await expect(waiting).rejects.toThrow('closed')
    await expect(room.until(3)).rejects.toThrow('closed')
    expect(needed).toEqual([100])
  })
})
