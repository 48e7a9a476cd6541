import { describe, expect, test } from '@jest/globals'
import { DialQueue } from '../../../../torrent/engine/wire/dial-queue.ts'

describe('DialQueue', () => {
  test('gives addresses in their order, those that did not answer at once after all others', () => {
    const queue = new DialQueue()
    for (const one of ['a', 'b', 'c']) expect(queue.add(one)).toBe(true)
    expect(queue.next()).toBe('a')
    expect(queue.madeWay('a')).toBe(true)
    expect([queue.has('a'), queue.has('b'), queue.isEmpty]).toEqual([true, true, false])
    expect([queue.next(), queue.next(), queue.next(), queue.next()]).toEqual([
      ...['b', 'c', 'a', undefined],
    ])
    expect(queue.isEmpty).toBe(true)
  })

  test('nobody makes way while nobody waits', () => {
    const queue = new DialQueue()
    expect(queue.givesWay('a', 7000)).toBe(false)
    queue.add('b')
    expect(queue.givesWay('a', 900)).toBe(false)
    expect(queue.givesWay('a', 1100)).toBe(true)
  })

  test('the second try takes longer, is not cut short for another second try, and is the last', () => {
    const queue = new DialQueue()
    for (const one of ['a', 'b']) queue.madeWay(one)
    expect(queue.givesWay('c', 7000)).toBe(false)
    expect(queue.next()).toBe('a')
    expect(queue.givesWay('a', 1100)).toBe(false)
    expect(queue.givesWay('a', 4100)).toBe(true)
    expect(queue.madeWay('a')).toBe(false)
    queue.ended('a')
    expect(queue.madeWay('a')).toBe(true)
  })

  test('bounds how many wait', () => {
    const queue = new DialQueue()
    for (let i = 0; i < 200; i++)
      expect([queue.add(`${i}`), queue.madeWay(`m${i}`)]).toEqual([true, true])
    expect([queue.add('one more'), queue.madeWay('one more')]).toEqual([false, false])
  })
})
