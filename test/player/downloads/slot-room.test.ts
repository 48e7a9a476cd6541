import { describe, expect, test } from '@jest/globals'
import type { Janitor } from '../../../cache/limits/janitor.ts'
import { fileKey } from '../../../common/bittorrent/file-key.ts'
import { footprint } from '../../../common/bittorrent/piece-layout.ts'
import { Fault } from '../../../common/errors.ts'
import { SlotRoom } from '../../../player/downloads/slot-room.ts'

const KEY = fileKey('a'.repeat(40), 0)
const PIECE = 1000

/** Counts as the real janitor does: of several reservations for one file only the greatest. */
function janitorOf(max: number) {
  const open = new Set<number>()
  let gate = Promise.resolve()
  const reserved = (): number => Math.max(0, ...open)
  const janitor: Pick<Janitor, 'reserve'> = {
    async reserve(key, layout) {
      await gate
      const bytes = footprint(layout)
      if (bytes > max) throw new Fault('DOES_NOT_FIT')
      // A value of its own for each reservation, so that two of the same size are two.
      const mine = bytes + open.size / 1000
      open.add(mine)
      return { key, bytes, release: () => void open.delete(mine) }
    },
  }
  return {
    janitor,
    reserved: () => Math.floor(reserved()),
    open,
    hold() {
      const { promise, resolve } = Promise.withResolvers<void>()
      gate = promise
      return resolve
    },
  }
}

describe('SlotRoom', () => {
  test('grows with its readers, and what one gives back is the next one’s', async () => {
    const { janitor, reserved } = janitorOf(10_000)
    const room = new SlotRoom(janitor, KEY, PIECE)
    await room.take(4)
    await room.take(2)
    expect([room.capacity, reserved()]).toEqual([6, 6000])
    room.giveBack(4)
    expect(reserved()).toBe(6000)
    await room.take(3)
    expect([room.capacity, reserved()]).toEqual([6, 6000])
    await room.take(2)
    expect([room.capacity, reserved()]).toEqual([7, 7000])
  })

  test('what does not fit leaves everything as it was', async () => {
    const { janitor, reserved, open } = janitorOf(5000)
    const room = new SlotRoom(janitor, KEY, PIECE)
    await room.take(3)
    await expect(room.take(3)).rejects.toMatchObject({ code: 'DOES_NOT_FIT' })
    expect([room.capacity, reserved(), open.size]).toEqual([3, 3000, 1])
    await room.take(2)
    expect([room.capacity, reserved(), open.size]).toEqual([5, 5000, 1])
  })

  test('two at once: the second is counted on top of the first', async () => {
    const { janitor, reserved, hold } = janitorOf(10_000)
    const room = new SlotRoom(janitor, KEY, PIECE)
    const go = hold()
    const both = Promise.all([room.take(4), room.take(4)])
    go()
    await both
    expect([room.capacity, reserved()]).toEqual([8, 8000])
  })

  test('one who leaves while it grows does not make it smaller than it is on disk', async () => {
    const { janitor, reserved, hold } = janitorOf(20_000)
    const room = new SlotRoom(janitor, KEY, PIECE)
    await room.take(8)
    const go = hold()
    const growing = room.take(1)
    await Promise.resolve()
    room.giveBack(8)
    go()
    await growing
    expect([room.capacity, reserved()]).toEqual([9, 9000])
    await room.take(4)
    expect([room.capacity, reserved()]).toEqual([9, 9000])
  })

  test('released: everything is given back, also what is reserved only then', async () => {
    const { janitor, open, hold } = janitorOf(10_000)
    const room = new SlotRoom(janitor, KEY, PIECE)
    await room.take(1)
    const go = hold()
    const late = room.take(4)
    room.release()
    room.release()
    go()
    await expect(late).rejects.toMatchObject({ code: 'ENGINE_DIED' })
    expect(open.size).toBe(0)
    await expect(room.take(1)).rejects.toMatchObject({ code: 'ENGINE_DIED' })
    expect(open.size).toBe(0)
  })
})
