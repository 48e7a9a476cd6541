import { describe, expect, test } from '@jest/globals'
import { Playhead } from '../../../player/trace/playhead.ts'

/** A film of this size takes a megabyte a second. */
const FILM = 6_000_000_000

describe('a viewer stands still', () => {
  test('not while it has more than it plays: reading ahead waits for the swarm, not for the film', () => {
    const head = new Playhead('movie', FILM)
    head.read(0, 20_000_000)
    // Twenty seconds are ahead; the swarm brings as much as is played, in lumps.
    const stood = Array.from({ length: 50 }, () => head.read(1000, 1_000_000))
    expect(stood).toEqual(Array.from({ length: 50 }, () => 0))
  })

  test('for as long as it waits after all it had is played', () => {
    const head = new Playhead('movie', FILM)
    head.read(0, 2_000_000)
    expect(head.read(1500, 0)).toBe(0)
    expect(head.read(1500, 1_000_000)).toBeCloseTo(1000)
    expect(head.read(900, 500_000)).toBe(0)
    // What is left of the second and a half that came since.
    expect(head.read(2000, 100_000)).toBeCloseTo(1400)
  })

  test('a moment that nobody notices is none', () => {
    const head = new Playhead('movie', FILM)
    head.read(0, 1_000_000)
    expect(head.read(1249, 0)).toBe(0)
  })

  test('with small and large files at rates that films have', () => {
    const [small, large] = [new Playhead('series', 1000), new Playhead('movie', 10 ** 15)]
    for (const head of [small, large]) head.read(0, 1_000_000)
    expect([small.read(5000, 0), large.read(5000, 0)]).toEqual([0, expect.closeTo(4920)])
  })
})
