import { EventEmitter } from 'node:events'
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals'
import { limitRequests } from '../../../../torrent/engine/webtorrent/request-queue.ts'
import type { WtRequest, WtWire } from '../../../../torrent/engine/webtorrent/webtorrent-types.ts'

/** A connection of webtorrent that answers nothing by itself. */
class Wire extends EventEmitter {
  readonly extendedHandshake: { reqq?: number } = {}
  readonly peerRequests: { piece: number; length: number }[] = []
  readonly rejected: WtRequest[] = []
  readonly _readableState = { buffered: 0 }
  hasFast = true
  _onRequest(...request: WtRequest): void {
    this.peerRequests.push({ piece: request[0], length: request[2] })
  }
  reject(...request: WtRequest): void {
    this.rejected.push(request)
  }
  destroy(): void {
    this.emit('finish')
  }
}

/** Short, so that all may be served at once. */
const LENGTH = 1000
const LACKING = 77_777
const request = (i: number): WtRequest => [i, 0, LENGTH]
let wire: Wire
beforeEach(() => {
  jest.useFakeTimers()
  wire = new Wire()
  limitRequests(wire as unknown as WtWire, (piece) => piece !== LACKING)
})
afterEach(() => {
  wire.destroy()
  expect(jest.getTimerCount()).toBe(0)
  jest.useRealTimers()
})

describe('requests of a peer on a connection of webtorrent', () => {
  test('our extended handshake says how many we keep, and as many are kept', () => {
    const reqq = wire.extendedHandshake.reqq ?? 0
    expect(reqq).toBe(250)
    for (let i = 0; i < reqq; i++) wire._onRequest(...request(i))
    expect([wire.peerRequests.length, wire.rejected.length]).toEqual([reqq, 0])
  })

  test('what is more is rejected, not punished; when some are answered, others are taken again', () => {
    const ended = jest.fn()
    wire.on('finish', ended)
    for (let i = 0; i < 600; i++) wire._onRequest(...request(i))
    expect([wire.peerRequests.length, wire.rejected.length]).toEqual([250, 350])
    wire.peerRequests.splice(0, 10)
    for (let i = 600; i < 620; i++) wire._onRequest(...request(i))
    expect([wire.peerRequests.length, wire.rejected.length]).toEqual([250, 360])
    expect(ended).not.toHaveBeenCalled()
  })

  test('of a peer that knows no rejects 2000 are kept, and what is more is left without an answer', () => {
    wire.hasFast = false
    for (let i = 0; i < 2100; i++) wire._onRequest(...request(i))
    let served = 0
    // A few are read at a time.
    for (let rounds = 0; rounds < 100; rounds++) {
      served += wire.peerRequests.splice(0).length
      jest.advanceTimersByTime(100)
    }
    expect([served, wire.rejected.length]).toEqual([2000, 0])
  })

  test('requests wait while the peer does not read, but for those that it cancels', () => {
    wire._readableState.buffered = 2 << 20
    for (const i of [1, 2, 3]) wire._onRequest(...request(i))
    jest.advanceTimersByTime(1000)
    expect(wire.peerRequests).toEqual([])
    wire.emit('cancel', ...request(2))
    wire._readableState.buffered = 0
    jest.advanceTimersByTime(100)
    expect(wire.peerRequests.map(({ piece }) => piece)).toEqual([1, 3])
  })

  test('little is read ahead of what the peer takes', () => {
    for (let i = 0; i < 250; i++) wire._onRequest(i, 0, 128 * 1024)
    expect(wire.peerRequests).toHaveLength(8)
    wire.peerRequests.splice(0, 3)
    jest.advanceTimersByTime(100)
    expect(wire.peerRequests).toHaveLength(8)
    expect(wire.rejected).toEqual([])
  })

  test('a request for a piece that is not here is rejected, and takes no place', () => {
    for (let i = 0; i < 300; i++) wire._onRequest(...request(LACKING))
    wire._onRequest(...request(1))
    expect([wire.rejected.length, wire.peerRequests.length]).toEqual([300, 1])
  })
})
