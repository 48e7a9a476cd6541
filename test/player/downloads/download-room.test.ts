import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { createJanitor } from '../../../cache/limits/disk-janitor.ts'
import { type Janitor, unlimited } from '../../../cache/limits/janitor.ts'
import { DownloadRoom } from '../../../player/downloads/download-room.ts'
import { allPieces, key, layout, log, type World, world } from '../../cache/fixture.ts'
import { eventually } from '../fakes.ts'

const MiB = 1 << 20
const FILM = 100 * MiB

let w: World
let janitor: Janitor
beforeEach(async () => {
  w = await world()
})
afterEach(() => w.end())

/** A film of 100 MiB in a cache of that many bytes; `mayEvict` bytes of others. */
function open(maxBytes: number, mayEvict = 0) {
  const limits = { ttlSeconds: 3600, maxFiles: 100, maxBytes }
  janitor = createJanitor({ ...w, log, limits, freeBytes: async () => 1e12 })
  const reservation = janitor.reserve(key(99), 'file')
  const given: number[] = []
  const state = { onDisk: 0, read: 0, mayEvict, taken: 0, isSpent: false }
  const budget = {
    ...unlimited,
    left: () => state.mayEvict,
    filesLeft: () => 0,
    spend(bytes: number) {
      state.mayEvict -= bytes
    },
    took(bytes: number) {
      state.taken += bytes
    },
    isSpent: () => state.isSpent,
  }
  const room = new DownloadRoom({
    reservation,
    footprint: FILM,
    budget,
    onDisk: () => state.onDisk,
    bytesRead: () => state.read,
    give: (bytes) => void given.push(bytes),
  })
  let isDenied = false
  void room.denied.then(() => {
    isDenied = true
  })
  return { room, reservation, given, state, isDenied: () => isDenied }
}
/** Idle films of that size, the first one least recently used. */
async function fill(...sizes: number[]): Promise<void> {
  for (const [i, size] of sizes.entries()) {
    const l = layout(size, { pieceLength: MiB })
    const partial = await w.store.open(key(i + 1), 'idle', l)
    partial.mark(allPieces(l)) // nobody looks at its bytes
    await partial.close()
    w.clock.pass(1000)
  }
}
const kept = (): number => [...w.store.records()].length

describe('the room of a download', () => {
  test('nothing is reserved before a piece has come, then a step of what is free', async () => {
    const { room, reservation, given } = open(FILM)
    room.verified()
    await room.end()
    expect([reservation.bytes, given]).toEqual([0, []])
    const other = open(FILM)
    other.room.need(MiB)
    await eventually('given', () => other.given.length > 0)
    // 8 MiB stay in hand.
    expect([other.reservation.bytes, other.given]).toEqual([17 * MiB, [9 * MiB]])
  })

  test('goes on in steps to the end, and then has nothing in hand', async () => {
    const { room, reservation, given, state } = open(FILM)
    room.need(MiB)
    await eventually('the first step', () => given.length > 0)
    while (state.onDisk < FILM) {
      state.onDisk += MiB
      room.verified()
      await eventually('room', () => (given.at(-1) ?? 0) > state.onDisk || given.at(-1) === FILM)
      expect(reservation.bytes - state.onDisk).toBeLessThanOrEqual(24 * MiB)
    }
    expect([reservation.bytes, given.at(-1)]).toEqual([FILM, FILM])
  })

  test('full of idle films: one goes for the piece, none for what nobody has read', async () => {
    await fill(2 * MiB, 2 * MiB, 2 * MiB, 94 * MiB)
    const { room, given, isDenied } = open(FILM, 10 * MiB)
    room.need(MiB)
    await eventually('given', () => given.length > 0)
    expect([kept(), given]).toEqual([3, [MiB]])
    room.verified()
    await room.end()
    expect([kept(), isDenied()]).toEqual([3, false])
  })

  test('who reads has films evicted ahead of it, as much as was read', async () => {
    await fill(...Array(20).fill(MiB), 80 * MiB)
    const { room, state, reservation, given } = open(FILM, FILM)
    state.read = 4 * MiB
    room.need(MiB)
    await eventually('given', () => given.length > 0)
    await room.end()
    expect([reservation.bytes, kept()]).toEqual([5 * MiB, 16])
  })

  test('the allowance is used up: denied, what is there stays', async () => {
    await fill(2 * MiB, 2 * MiB, 96 * MiB)
    const { room, isDenied } = open(FILM, 0)
    room.need(MiB)
    await eventually('denied', isDenied)
    expect(kept()).toBe(3)
  })

  test('a whole that does not fit beside what others were promised is denied at its first piece', async () => {
    const { room, given } = open(FILM + 50 * MiB)
    room.need(MiB)
    await eventually('given', () => given.length > 0)
    const second = janitor.reserve(key(98), 'file')
    await expect(second.grow(MiB, undefined, 51 * MiB)).rejects.toMatchObject({
      code: 'DOES_NOT_FIT',
    })
    await second.grow(MiB, undefined, 50 * MiB)
    expect(await janitor.couldFit(key(97), 'file', MiB)).toBe(false)
    // For a window there is what nobody has taken.
    expect(await janitor.couldFit(key(97), 'slots', 100 * MiB)).toBe(true)
  })

  test('what it takes is told to the allowance, and in the end what came of it', async () => {
    const { room, given, state } = open(2 * FILM)
    room.need(MiB)
    await eventually('given', () => given.length > 0)
    expect(state.taken).toBe(17 * MiB)
    state.onDisk = 3 * MiB
    await room.end()
    await room.end()
    expect(state.taken).toBe(3 * MiB)
  })

  test('who has had all that it may leaves an eighth of the limit to others', async () => {
    await fill(150 * MiB)
    const { room, state, given, reservation, isDenied } = open(160 * MiB + 20 * MiB, FILM)
    state.isSpent = true
    room.need(MiB)
    await eventually('given', () => given.length > 0)
    // 30 MiB are free, 22.5 stay so: neither a step nor the hand is to be had.
    await eventually('denied', () => {
      state.onDisk += MiB
      room.need(state.onDisk + MiB)
      return isDenied()
    })
    expect([kept(), reservation.bytes]).toEqual([1, 7 * MiB])
  })

  test('ended: what is asked for then is not taken', async () => {
    const { room, reservation } = open(FILM)
    await room.end()
    room.need(MiB)
    await room.end()
    expect(reservation.bytes).toBe(0)
  })
})
