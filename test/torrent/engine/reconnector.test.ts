import { beforeEach, describe, expect, test } from '@jest/globals'
import { createReconnector, type Reconnector } from '../../../torrent/engine/reconnector.ts'

const calls: string[] = []
let peers = 0
let isFed = false
let reconnector: Reconnector
beforeEach(() => {
  calls.length = 0
  peers = 0
  isFed = false
  const swarm = {
    get peers() {
      return peers
    },
    reconnect: () => void calls.push('reconnect'),
    announce: () => void calls.push('announce'),
  }
  reconnector = createReconnector(swarm, 1000)
})

function tick(from: number, to: number, isWanted = true): void {
  for (let now = from; now <= to; now += 25) reconnector.tick(now, isWanted, isFed)
}

describe('with nobody connected', () => {
  test('peers whose handshake is running are not connected to again', () => {
    tick(1000, 3975)
    expect(calls).toEqual([])
    tick(4000, 4000)
    expect(calls).toEqual(['reconnect'])
  })

  test('all addresses are tried every three seconds, trackers are asked every twenty', () => {
    tick(1000, 31_000)
    expect(calls.filter((call) => call === 'reconnect')).toHaveLength(10)
    expect(calls.filter((call) => call === 'announce')).toHaveLength(1)
  })

  test('nothing is done for a torrent that nobody uses', () => {
    tick(1000, 31_000, false)
    expect(calls).toEqual([])
  })
})

test('no address is tried again while a peer is connected, nor for three seconds after', () => {
  peers = 1
  isFed = true
  tick(1000, 20_000)
  peers = 0
  isFed = false
  tick(20_025, 22_975)
  expect(calls).not.toContain('reconnect')
  tick(23_000, 23_000)
  expect(calls).toContain('reconnect')
})

describe('when the peers of a torrent that was well are of no use any more', () => {
  const announced = (): number => calls.filter((call) => call === 'announce').length
  beforeEach(() => {
    peers = 1
    isFed = true
    tick(1000, 2000)
    isFed = false
  })

  test.each([
    ['gone', 0],
    ['silent', 2],
  ])('%s: trackers are asked soon, then less and less', (_what, left) => {
    peers = left
    tick(2025, 3025)
    expect(announced()).toBe(1)
    tick(3050, 10_000)
    expect(announced()).toBe(3)
    tick(10_025, 92_000)
    expect(announced()).toBe(8)
  })

  test('one that comes and goes does not make it ask without end', () => {
    for (let s = 2; s < 62; s++) {
      isFed = s % 2 === 0
      tick(s * 1000 + 25, (s + 1) * 1000)
    }
    expect(announced()).toBeLessThan(6)
  })

  test('after half a minute with peers it is asked soon again', () => {
    tick(2025, 30_000)
    const before = announced()
    isFed = true
    tick(30_025, 61_000)
    isFed = false
    tick(61_025, 65_100)
    expect(announced() - before).toBe(2)
  })

  test('what nobody uses is not asked for', () => {
    tick(2025, 60_000, false)
    expect(announced()).toBe(0)
  })
})
