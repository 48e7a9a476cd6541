import { expect, test } from '@jest/globals'
import { parseCatalogue } from '../../../../sources/providers/catalogue/catalogue-format.ts'
import { orderCatalogues } from '../../../../sources/providers/catalogue/catalogue-index.ts'
import type { LoadedCatalogue } from '../../../../sources/providers/catalogue/catalogue-load.ts'

const loaded = (name: string, ids: readonly string[]): LoadedCatalogue => {
  const facts = { type: 'movie', name, sources: [], packs: [], episodes: new Map() } as const
  return { name, root: undefined, problems: [], titles: ids.map((id) => ({ id, ...facts })) }
}

test('titles of several catalogues are joined in the order of the files, with the first name', async () => {
  const one = loaded('one', ['tt1000001', 'tt1000002'])
  const two = loaded('two', ['tt1000002', 'tt1000003'])
  const { declared, named } = await orderCatalogues([one, two])
  expect([...declared.keys()]).toEqual(['movie tt1000001', 'movie tt1000002', 'movie tt1000003'])
  expect(declared.get('movie tt1000002')?.map(([, { name }]) => name)).toEqual(['one', 'two'])
  expect([...named.values()].map(({ name }) => name)).toEqual(['one', 'one', 'two'])
})

test('others have their turns while 50,000 titles are put in order', async () => {
  const ids = Array.from({ length: 50_000 }, (_, n) => `tt${1_000_000 + n}`)
  const catalogue = loaded('large', ids)
  let isOver = false
  let turns = 0
  const next = (): void => {
    turns++
    if (!isOver) setImmediate(next)
  }
  setImmediate(next)
  const { named } = await orderCatalogues([catalogue])
  isOver = true
  expect(named.size).toBe(50_000)
  expect(turns).toBeGreaterThan(3)
})

test('of the episodes of one series so many sources are read as one piece may have', () => {
  const episodes = Array.from({ length: 30 }, (_, n) => {
    const source = '{url: "https://h.example/a.mp4"}'
    return `      "1:${n}": [${Array(500).fill(source).join(', ')}]`
  })
  const text = `version: 1\ntitles:\n  - id: tt1254207\n    type: series\n    episodes:\n${episodes.join('\n')}\n`
  const { titles, problems } = parseCatalogue(text)
  expect(titles[0]?.episodes.size).toBe(20)
  expect(problems.map(({ sentence }) => sentence)).toEqual([
    'only the first 10000 sources of its episodes are read',
  ])
})
