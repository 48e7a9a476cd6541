import { describe, expect, test } from '@jest/globals'
import { type Reservation, unlimited } from '../../../cache/limits/janitor.ts'
import { Fault } from '../../../common/errors.ts'
import { SlotRoom } from '../../../player/downloads/slot-room.ts'

const PIECE = 1000

/** Room of so many bytes, all for these slots. */
function roomOf(max: number) {
  const asked: { budget: boolean; beside: number }[] = []
  let bytes = 0
  let released = false
  let gate = Promise.resolve()
  const reservation: Reservation = {
    get bytes() {
      return bytes
    },
    async grow(wanted, budget, beside = 0) {
      await gate
      asked.push({ budget: budget !== undefined, beside })
      if (released || Math.max(wanted, beside) > max) throw new Fault('DOES_NOT_FIT')
      bytes = Math.max(bytes, wanted)
    },
    hold: () => {},
    shrink: () => {},
    release() {
      released = true
      bytes = 0
    },
  }
  return {
    room: new SlotRoom(reservation, PIECE, unlimited),
    reserved: () => bytes,
    asked,
    hold() {
      const { promise, resolve } = Promise.withResolvers<void>()
      gate = promise
      return resolve
    },
  }
}

describe('SlotRoom', () => {
  test('grows with its readers, and what one gives back is the next one’s', async () => {
    const { room, reserved } = roomOf(10_000)
    await room.take(4, 'must')
    await room.take(2, 'must')
    expect([room.capacity, reserved()]).toEqual([6, 6000])
    room.giveBack(4)
    expect(reserved()).toBe(6000)
    await room.take(3, 'must')
    expect([room.capacity, reserved()]).toEqual([6, 6000])
    await room.take(2, 'must')
    expect([room.capacity, reserved()]).toEqual([7, 7000])
  })

  test('what does not fit leaves everything as it was', async () => {
    const { room, reserved } = roomOf(5000)
    await room.take(3, 'must')
    await expect(room.take(3, 'must')).rejects.toMatchObject({ code: 'DOES_NOT_FIT' })
    expect([room.capacity, reserved()]).toEqual([3, 3000])
    await room.take(2, 'must')
    expect([room.capacity, reserved()]).toEqual([5, 5000])
  })

  test('two at once: the second is counted on top of the first', async () => {
    const { room, reserved, hold } = roomOf(10_000)
    const go = hold()
    const both = Promise.all([room.take(4, 'must'), room.take(4, 'must')])
    go()
    await both
    expect([room.capacity, reserved()]).toEqual([8, 8000])
  })

  test('one who leaves while it grows does not make it smaller than it is on disk', async () => {
    const { room, reserved, hold } = roomOf(20_000)
    await room.take(8, 'must')
    const go = hold()
    const growing = room.take(1, 'must')
    await Promise.resolve()
    room.giveBack(8)
    go()
    await growing
    expect([room.capacity, reserved()]).toEqual([9, 9000])
    await room.take(4, 'must')
    expect([room.capacity, reserved()]).toEqual([9, 9000])
  })

  test('released: everything is given back, also what is reserved only then', async () => {
    const { room, reserved, hold } = roomOf(10_000)
    await room.take(1, 'must')
    const go = hold()
    const late = room.take(4, 'must')
    room.release()
    room.release()
    go()
    await expect(late).rejects.toMatchObject({ code: 'ENGINE_DIED' })
    expect(reserved()).toBe(0)
    await expect(room.take(1, 'must')).rejects.toMatchObject({ code: 'ENGINE_DIED' })
    expect(reserved()).toBe(0)
  })

  test('a share leaves as much beside it, and both leave room for who comes; only what must be had has none of that', async () => {
    const left = 1 << 20
    const { room, asked } = roomOf(3 * left)
    const half = Math.floor((1.5 * left) / PIECE)
    await room.take(half, 'share')
    await expect(room.take(half, 'share')).rejects.toMatchObject({ code: 'DOES_NOT_FIT' })
    await room.take(10, 'spare')
    await expect(room.take(half, 'spare')).rejects.toMatchObject({ code: 'DOES_NOT_FIT' })
    await room.take(1, 'must')
    expect(asked).toEqual([
      { budget: true, beside: 2 * half * PIECE },
      { budget: true, beside: 4 * half * PIECE },
      { budget: false, beside: (half + 10) * PIECE + left },
      { budget: false, beside: (2 * half + 10) * PIECE + left },
      { budget: true, beside: 0 },
    ])
  })
})
