import { beforeEach, describe, expect, test } from '@jest/globals'
import { createReconnector, type Reconnector } from '../../../torrent/engine/reconnector.ts'

const calls: string[] = []
let peers = 0
let reconnector: Reconnector
beforeEach(() => {
  calls.length = 0
  peers = 0
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
  for (let now = from; now <= to; now += 25) reconnector.tick(now, isWanted)
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
  tick(1000, 20_000)
  peers = 0
  tick(20_025, 22_975)
  expect(calls).toEqual([])
  tick(23_000, 23_000)
  expect(calls[0]).toBe('reconnect')
})
