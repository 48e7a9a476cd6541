import { describe, expect, test } from '@jest/globals'
import { createPeerTries } from '../../../../torrent/engine/wire/peer-tries.ts'

const A = '192.0.2.1:6881'

describe('createPeerTries', () => {
  test('a connection that was there is made anew, after longer and longer pauses', () => {
    const tries = createPeerTries()
    const pauses = Array.from({ length: 6 }, () => tries.ended(A, 'shaken', 10))
    expect(pauses).toEqual([1000, 5000, 15_000, 60_000, 60_000, 60_000])
    expect(tries.mayTry(A)).toBe(true)
  })

  test('one that lasted, or worked otherwise, begins again with the shortest', () => {
    const tries = createPeerTries()
    tries.ended(A, 'shaken', 10)
    tries.ended(A, 'shaken', 10)
    expect(tries.ended(A, 'shaken', 30_000)).toBe(1000)
    tries.ended(A, 'shaken', 10)
    tries.worked(A)
    expect(tries.ended(A, 'shaken', 10)).toBe(1000)
  })

  test('who cannot be reached is not tried again of our own accord, but may be', () => {
    const tries = createPeerTries()
    for (let i = 0; i < 9; i++) expect(tries.ended(A, 'connecting', 10)).toBe(undefined)
    expect(tries.mayTry(A)).toBe(true)
  })

  test('who says nothing three times is left alone until forgiven', () => {
    const tries = createPeerTries()
    for (let i = 0; i < 3; i++) {
      expect(tries.mayTry(A)).toBe(true)
      expect(tries.ended(A, 'connected', 10)).toBe(undefined)
    }
    expect(tries.mayTry(A)).toBe(false)
    tries.forgive()
    expect(tries.mayTry(A)).toBe(true)
  })

  test('banned is banned, whatever happens', () => {
    const tries = createPeerTries()
    tries.ban(A)
    tries.forgive()
    tries.worked(A)
    expect(tries.ended(A, 'shaken', 60_000)).toBe(undefined)
    expect(tries.mayTry(A)).toBe(false)
  })

  test('remembers two thousand; the oldest goes', () => {
    const tries = createPeerTries()
    for (let port = 1; port <= 2001; port++) tries.ban(`192.0.2.1:${port}`)
    expect([1, 2, 2001].map((port) => tries.mayTry(`192.0.2.1:${port}`))).toEqual([
      ...[true, false, false],
    ])
  })
})
