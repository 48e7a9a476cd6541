import { describe, expect, test } from '@jest/globals'
import { Bitfield } from '../../../common/bittorrent/bitfield.ts'

describe('Bitfield', () => {
  test('most significant bit first (BEP 3)', () => {
    const field = new Bitfield(10)
    field.set(0)
    field.set(9)
    expect([...field.bytes]).toEqual([0x80, 0x40])
  })

  test('answers what is new, and counts it once', () => {
    const field = new Bitfield(3)
    expect([field.set(1), field.set(1), field.clear(0), field.clear(1)]).toEqual([
      true,
      false,
      false,
      true,
    ])
    expect(field.count).toBe(0)
    for (let i = 0; i < 3; i++) field.set(i)
    expect([field.count, field.complete]).toEqual([3, true])
  })

  test('is unset outside of its length', () => {
    const field = new Bitfield(3)
    expect([field.set(-1), field.set(3), field.has(-1), field.has(3), field.clear(3)]).toEqual(
      Array(5).fill(false),
    )
    expect([...field.bytes]).toEqual([0])
  })

  test('copies other bytes: spare bits are ignored, missing ones unset, no memory is shared', () => {
    const foreign = Uint8Array.of(0xff)
    const field = new Bitfield(6, foreign)
    expect([field.count, field.complete, ...field.bytes]).toEqual([6, true, 0xfc])
    field.clear(0)
    expect(foreign[0]).toBe(0xff)
    expect(new Bitfield(16, foreign).count).toBe(8)
  })

  test('of length 0 it is complete', () => {
    expect(new Bitfield(0).complete).toBe(true)
  })
})
