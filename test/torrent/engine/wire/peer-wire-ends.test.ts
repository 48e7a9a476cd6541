import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals'
import { emptyMessage, MessageId } from '../../../../torrent/engine/wire/peer-messages.ts'
import type { PeerWire } from '../../../../torrent/engine/wire/peer-wire.ts'
import { MiB } from '../../../support/swarm/payload.ts'
import { eventually, sleep } from '../../../support/wait.ts'
import { greeting, type RawPeer, startRawPeer } from './raw-peer.ts'
import { type Heard, wireTo } from './wire-torrent.ts'

/** Peers that are silent or do not read. Only the timers are fake; sockets are real. */

let peer: RawPeer
let wire: PeerWire
let heard: Heard
beforeEach(async () => {
  jest.useFakeTimers({
    doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask', 'performance', 'Date'],
  })
  peer = await startRawPeer()
})
afterEach(async () => {
  wire.close()
  expect(jest.getTimerCount()).toBe(0)
  jest.useRealTimers()
  await peer.close()
})

async function open(begin?: Uint8Array): Promise<void> {
  ;({ wire, heard } = wireTo(peer))
  await peer.connected()
  await eventually('our handshake', () => peer.heard.length > 0)
  if (!begin) return
  peer.send(begin)
  await eventually('joined', () => heard.events.includes('joined'))
}

describe('silence', () => {
  test('no handshake within eight seconds: closed in the stage `connected`', async () => {
    await open()
    jest.advanceTimersByTime(7999)
    expect(heard.events).toEqual([])
    jest.advanceTimersByTime(1)
    expect([heard.events, wire.stage]).toEqual([['closed'], 'connected'])
    await eventually('the socket’s end', () => !peer.open)
  })

  test('no connection within five seconds: closed', () => {
    ;({ wire, heard } = wireTo(peer))
    jest.advanceTimersByTime(5000)
    expect([heard.events, wire.stage]).toEqual([['closed'], 'connecting'])
  })

  test('sends keep-alives, and closes when nothing comes back', async () => {
    await open(greeting)
    const before = peer.heard.length
    jest.advanceTimersByTime(200_000)
    expect(heard.events).toEqual(['joined'])
    jest.advanceTimersByTime(100_000)
    expect(heard.events).toEqual(['joined', 'closed'])
    // Keep-alives are not counted as messages.
    expect(peer.heard).toHaveLength(before)
  })

  test('a peer that sends something stays connected', async () => {
    await open(greeting)
    for (let i = 0; i < 5; i++) {
      jest.advanceTimersByTime(100_000)
      const before = heard.events.length
      peer.send(emptyMessage(i % 2 ? MessageId.choke : MessageId.unchoke))
      await eventually('heard', () => heard.events.length > before)
    }
    expect(heard.events).not.toContain('closed')
  })
})

describe('a peer that does not read', () => {
  const block = { piece: 0, offset: 0, length: 64 * 1024 }
  const bytes = new Uint8Array(block.length)

  test('is sent no more soon, and is closed at the limit, but not within a call', async () => {
    await open(greeting)
    peer.pause()
    for (let sent = 0; wire.canSend; sent += block.length) {
      expect(sent).toBeLessThan(64 * MiB)
      wire.piece(block, bytes)
      await sleep(0)
    }
    for (let i = 0; i < 16; i++) wire.piece(block, bytes)
    expect(heard.events).not.toContain('closed')
    await eventually('the cut', () => heard.events.includes('closed'))
  })

  test('one that reads late is reported as drained', async () => {
    await open(greeting)
    for (let i = 0; i < 8; i++) wire.piece(block, bytes)
    await eventually('drained', () => heard.events.includes('drained'))
    expect(wire.canSend).toBe(true)
    expect(heard.events).not.toContain('closed')
  })
})
