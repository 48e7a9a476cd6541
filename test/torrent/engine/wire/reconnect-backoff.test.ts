import { describe, expect, test } from '@jest/globals'
import { ReconnectBackoff } from '../../../../torrent/engine/wire/reconnect-backoff.ts'

const A = '192.0.2.1:6881'

describe('ReconnectBackoff', () => {
  test('a peer that answered the handshake is tried again, after longer and longer pauses', () => {
    const backoff = new ReconnectBackoff()
    const pauses = Array.from({ length: 6 }, () => backoff.connectionEnded(A, 'handshaken', 10))
    expect(pauses).toEqual([1000, 5000, 15_000, 60_000, 60_000, 60_000])
    expect(backoff.mayConnect(A)).toBe(true)
  })

  test('a connection that lasted, or succeeded(), resets the pause', () => {
    const backoff = new ReconnectBackoff()
    backoff.connectionEnded(A, 'handshaken', 10)
    backoff.connectionEnded(A, 'handshaken', 10)
    expect(backoff.connectionEnded(A, 'handshaken', 30_000)).toBe(1000)
    backoff.connectionEnded(A, 'handshaken', 10)
    backoff.succeeded(A)
    expect(backoff.connectionEnded(A, 'handshaken', 10)).toBe(1000)
  })

  test('an address that cannot be reached is not tried again by itself, but may be', () => {
    const backoff = new ReconnectBackoff()
    for (let i = 0; i < 9; i++) expect(backoff.connectionEnded(A, 'connecting', 10)).toBe(undefined)
    expect(backoff.mayConnect(A)).toBe(true)
  })

  test('after three unanswered handshakes an address is left alone until reset()', () => {
    const backoff = new ReconnectBackoff()
    for (let i = 0; i < 3; i++) {
      expect(backoff.mayConnect(A)).toBe(true)
      expect(backoff.connectionEnded(A, 'connected', 10)).toBe(undefined)
    }
    expect(backoff.mayConnect(A)).toBe(false)
    backoff.reset()
    expect(backoff.mayConnect(A)).toBe(true)
  })

  test('a ban outlasts everything', () => {
    const backoff = new ReconnectBackoff()
    backoff.ban(A)
    backoff.reset()
    backoff.succeeded(A)
    expect(backoff.connectionEnded(A, 'handshaken', 60_000)).toBe(undefined)
    expect(backoff.mayConnect(A)).toBe(false)
  })

  test('remembers two thousand addresses; the oldest is forgotten', () => {
    const backoff = new ReconnectBackoff()
    for (let port = 1; port <= 2001; port++) backoff.ban(`192.0.2.1:${port}`)
    expect([1, 2, 2001].map((port) => backoff.mayConnect(`192.0.2.1:${port}`))).toEqual([
      ...[true, false, false],
    ])
  })
})
