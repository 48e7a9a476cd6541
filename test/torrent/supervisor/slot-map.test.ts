import { describe, expect, test } from '@jest/globals'
import { SlotMap } from '../../../torrent/supervisor/slot-map.ts'

function map(capacity: number): SlotMap {
  const slots = new SlotMap()
  slots.grow(capacity)
  return slots
}

describe('SlotMap', () => {
  test('assigns slots to the most wanted pieces, and tells each change once', () => {
    const slots = map(2)
    expect(slots.want([7, 8, 9])).toEqual({
      generation: 1,
      unassign: [],
      assign: [
        [7, 0],
        [8, 1],
      ],
    })
    expect(slots.want([7, 8])).toEqual({ generation: 1, unassign: [], assign: [] })
    expect([slots.has(8), slots.has(9)]).toEqual([true, false])
  })

  test('a piece can be read once it is verified, not before', () => {
    const slots = map(1)
    const { generation } = slots.want([3])
    expect(slots.slotOf(3)).toBe(undefined)
    slots.verified(3, generation)
    expect(slots.slotOf(3)).toBe(0)
    slots.verified(4, generation)
    expect(slots.slotOf(4)).toBe(undefined)
  })

  test('unwanted pieces are evicted when their slots are needed, oldest first', () => {
    const slots = map(3)
    slots.verified(1, slots.want([1, 2, 3]).generation)
    expect(slots.want([3]).unassign).toEqual([])
    expect(slots.slotOf(1)).toBe(0)
    expect(slots.want([3, 4])).toMatchObject({ unassign: [1], assign: [[4, 0]] })
    expect(slots.want([3, 4, 5, 6])).toMatchObject({ unassign: [2], assign: [[5, 1]] })
  })

  test('a pinned piece is not evicted', () => {
    const slots = map(1)
    slots.verified(1, slots.want([1]).generation)
    slots.pin(1)
    slots.pin(1)
    slots.unpin(1)
    expect(slots.want([2])).toMatchObject({ unassign: [], assign: [] })
    slots.unpin(1)
    expect(slots.want([2])).toMatchObject({ unassign: [1], assign: [[2, 0]] })
  })

  test('a message about a piece that got another slot meanwhile is too old', () => {
    const slots = map(2)
    const said = slots.want([1, 2]).generation
    slots.want([2, 3])
    slots.verified(1, said)
    expect(slots.slotOf(1)).toBe(undefined)
    const now = slots.want([1, 3]).generation
    // Said of slot 0, which holds piece 3 by now.
    slots.verified(1, said)
    expect(slots.slotOf(1)).toBe(undefined)
    slots.verified(1, now)
    expect(slots.slotOf(1)).toBe(1)
  })

  test('the same slot assigned again is a new generation', () => {
    const slots = map(1)
    const said = slots.want([1]).generation
    slots.want([2])
    slots.want([1])
    slots.verified(1, said)
    expect(slots.slotOf(1)).toBe(undefined)
  })

  test('grows only', () => {
    const slots = map(2)
    slots.grow(1)
    expect(slots.capacity).toBe(2)
    slots.grow(3)
    expect(slots.want([1, 2, 3]).assign.map(([, slot]) => slot)).toEqual([0, 1, 2])
  })

  test('lists every piece and slot for a new engine', () => {
    const slots = map(2)
    slots.verified(5, slots.want([5, 6]).generation)
    expect([slots.generation, slots.all()]).toEqual([
      1,
      [
        [5, 0, true],
        [6, 1, false],
      ],
    ])
  })
})
