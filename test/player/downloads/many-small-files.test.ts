import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { createJanitor } from '../../../cache/limits/disk-janitor.ts'
import type { Janitor } from '../../../cache/limits/janitor.ts'
import { EvictionAllowances } from '../../../player/downloads/eviction-allowances.ts'
import { key, layout, log, type World, world } from '../../cache/fixture.ts'

const STORED = 40
const LARGE = 4000
const limits = { ttlSeconds: 3600, maxFiles: STORED, maxBytes: 1e9 }

let w: World
let janitor: Janitor
let allowances: EvictionAllowances
beforeEach(async () => {
  w = await world()
  janitor = createJanitor({ ...w, log, limits, freeBytes: async () => 1e12 })
  allowances = new EvictionAllowances(w.clock)
  for (let n = 0; n < STORED; n++) await w.put(key(n), layout(LARGE))
})
afterEach(() => w.end())

/** A new file of one byte is played from there; true when it was kept. */
async function play(address: string, n: number, filmBytes = 1): Promise<boolean> {
  const tiny = layout(1)
  const reservation = janitor.reserve(key(1000 + n), 'file')
  const budget = allowances.budgetOf({ viewers: 1, addresses: [address] }, filmBytes)
  const fits = await reservation.grow(1, budget, 1).then(
    () => true,
    () => false,
  )
  if (fits) await w.put(key(1000 + n), tiny)
  reservation.release()
  return fits
}
const filmsLeft = (): number =>
  [...w.store.records()].filter(({ layout: l }) => l.size === LARGE).length

describe('CACHE_MAX_SIZE is reached, and files are small', () => {
  test('an honest viewer plays one clip after the other, though each takes the place of a film', async () => {
    for (let n = 0; n < 10; n++) expect([n, await play('home', n)]).toEqual([n, true])
  })

  test('one byte each, of a torrent that claims to be large: no more than twenty films go', async () => {
    for (let n = 0; n < 100; n++) await play('stranger', n, 1e9)
    expect(filmsLeft()).toBe(STORED - 20)
  })

  test('who reads may go on', async () => {
    for (let n = 0; n < 20; n++) await play('home', n)
    expect(await play('home', 20)).toBe(false)
    allowances.read('home', {}, 24 << 20)
    expect(await play('home', 21)).toBe(true)
  })
})
