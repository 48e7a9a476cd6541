import { expect, test } from '@jest/globals'
import type { CacheEntry, CacheIndex } from '../../cache/index/cache-index.ts'
import { type FileKey, fileKey } from '../../common/bittorrent/file-key.ts'

export const key = (n: number): FileKey => fileKey(n.toString(16).padStart(40, '0'), n % 7)

export const entry = (n: number, more: Partial<CacheEntry> = {}): CacheEntry => ({
  key: key(n),
  node: 'a',
  name: `film ${n}.mkv`,
  size: 1000 + n,
  bytes: 100 + n,
  complete: n % 2 === 0,
  storedAt: 1_700_000_000_000,
  usedAt: 1_700_000_000_000 + n,
  ...more,
})

export type At = () => CacheIndex

/** The contract's part on entries and totals. */
export function entries(at: At): void {
  test('an unknown key has no entry', async () => {
    expect(await at().find(key(1))).toEqual([])
    expect(await at().totals()).toEqual({ files: 0, bytes: 0 })
    expect(await at().totals('a')).toEqual({ files: 0, bytes: 0 })
    expect(await at().leastRecent('a', 10)).toEqual([])
  })

  test('finds what was saved, field by field, per node', async () => {
    await at().save(entry(1))
    await at().save(entry(1, { node: 'b', bytes: 5 }))
    const found = [...(await at().find(key(1)))].sort((x, y) => x.node.localeCompare(y.node))
    expect(found).toEqual([entry(1), entry(1, { node: 'b', bytes: 5 })])
    expect(await at().totals('a')).toEqual({ files: 1, bytes: 101 })
    expect(await at().totals('b')).toEqual({ files: 1, bytes: 5 })
    expect(await at().totals()).toEqual({ files: 2, bytes: 106 })
  })

  test('saving again replaces and counts the difference', async () => {
    await at().save(entry(1, { bytes: 10 }))
    await at().save(entry(1, { bytes: 7, complete: true }))
    expect(await at().find(key(1))).toEqual([entry(1, { bytes: 7, complete: true })])
    expect(await at().totals('a')).toEqual({ files: 1, bytes: 7 })
  })

  test('what the caller changes afterwards changes no entry', async () => {
    const mine = { ...entry(1) }
    await at().save(mine)
    mine.bytes = 1_000_000
    expect(await at().find(key(1))).toEqual([entry(1)])
  })

  test('forgets the entry of one node and answers whether there was one', async () => {
    await at().save(entry(1))
    await at().save(entry(1, { node: 'b' }))
    expect(await at().forget(key(1), 'a')).toBe(true)
    expect(await at().forget(key(1), 'a')).toBe(false)
    expect(await at().forget(key(2), 'a')).toBe(false)
    expect((await at().find(key(1))).map(({ node }) => node)).toEqual(['b'])
    expect(await at().totals()).toEqual({ files: 1, bytes: 101 })
  })

  test('least recent first, touched ones last, never another node', async () => {
    for (const n of [3, 1, 2]) await at().save(entry(n))
    await at().save(entry(4, { node: 'b', usedAt: 1 }))
    expect((await at().leastRecent('a', 10)).map((e) => e.key)).toEqual([key(1), key(2), key(3)])
    await at().touch(key(1), 'a', 1_800_000_000_000)
    expect((await at().leastRecent('a', 2)).map((e) => e.key)).toEqual([key(2), key(3)])
    expect((await at().find(key(1)))[0]?.usedAt).toBe(1_800_000_000_000)
    expect(await at().totals('a')).toEqual({ files: 3, bytes: 306 })
  })

  test('touching a missing entry makes none', async () => {
    await at().touch(key(9), 'a', 5)
    expect(await at().find(key(9))).toEqual([])
    expect(await at().totals()).toEqual({ files: 0, bytes: 0 })
  })

  test('concurrent saves of one key leave exact totals', async () => {
    const sizes = Array.from({ length: 200 }, (_, i) => i)
    await Promise.all(sizes.map((bytes) => at().save(entry(1, { bytes }))))
    const [kept] = await at().find(key(1))
    expect(await at().totals('a')).toEqual({ files: 1, bytes: kept?.bytes })
    await Promise.all(
      sizes.map((bytes) => (bytes % 2 ? at().forget(key(1), 'a') : at().save(entry(1, { bytes })))),
    )
    const left = await at().find(key(1))
    const bytes = left.reduce((sum, each) => sum + each.bytes, 0)
    expect(await at().totals('a')).toEqual({ files: left.length, bytes })
  })

  test('after any concurrent changes totals are the sum of the list', async () => {
    const change = (i: number): Promise<unknown> => {
      const node = i % 3 ? 'a' : 'b'
      if (i % 5 === 0) return at().forget(key(i % 20), node)
      if (i % 7 === 0) return at().touch(key(i % 20), node, 1_700_000_000_000 + i)
      return at().save(entry(i % 20, { node, bytes: i }))
    }
    await Promise.all(Array.from({ length: 600 }, (_, i) => change(i)))
    let all = { files: 0, bytes: 0 }
    for (const node of ['a', 'b']) {
      const list = await at().leastRecent(node, 100)
      const bytes = list.reduce((sum, each) => sum + each.bytes, 0)
      expect(await at().totals(node)).toEqual({ files: list.length, bytes })
      expect(new Set(list.map((each) => each.key)).size).toBe(list.length)
      const times = list.map(({ usedAt }) => usedAt)
      expect(times).toEqual([...times].sort((x, y) => x - y))
      all = { files: all.files + list.length, bytes: all.bytes + bytes }
    }
    expect(await at().totals()).toEqual(all)
  })

  test('the same time of use, times with fractions, an empty file, the largest numbers', async () => {
    const usedAt = 1_700_000_000_000.25
    for (const n of [1, 2, 3]) await at().save(entry(n, { usedAt }))
    await at().save(entry(4, { usedAt, size: 0, bytes: 0, name: '' }))
    await at().save(entry(5, { usedAt: usedAt + 0.5, size: 2 ** 52, bytes: 2 ** 51 }))
    const list = await at().leastRecent('a', 10)
    expect(list.map((each) => each.key).sort()).toEqual([1, 2, 3, 4, 5].map(key).sort())
    expect(list.at(-1)).toEqual(entry(5, { usedAt: usedAt + 0.5, size: 2 ** 52, bytes: 2 ** 51 }))
    expect((await at().totals('a')).bytes).toBe(2 ** 51 + 306)
  })

  test('10,000 entries: totals, order, and all forgotten again', async () => {
    const numbers = Array.from({ length: 10_000 }, (_, i) => i)
    for (const n of numbers) await at().save(entry(n, { bytes: n }))
    expect(await at().totals('a')).toEqual({ files: 10_000, bytes: 49_995_000 })
    const oldest = await at().leastRecent('a', 3)
    expect(oldest.map((e) => e.key)).toEqual([key(0), key(1), key(2)])
    const all = await at().leastRecent('a', 1_000_000)
    expect(all.map((e) => e.key)).toEqual(numbers.map(key))
    for (const n of numbers) await at().forget(key(n), 'a')
    expect(await at().totals()).toEqual({ files: 0, bytes: 0 })
    expect(await at().leastRecent('a', 3)).toEqual([])
  })
}
