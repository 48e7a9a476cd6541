import { afterEach, describe, expect, test } from '@jest/globals'
import { parseCatalogue } from '../../../../sources/providers/catalogue/catalogue-format.ts'
import {
  CatalogueParser,
  type CatalogueParserOptions,
} from '../../../../sources/providers/catalogue/catalogue-parser.ts'

const parsers: CatalogueParser[] = []
const parserWith = (options: CatalogueParserOptions): CatalogueParser => {
  const parser = new CatalogueParser(options)
  parsers.push(parser)
  return parser
}
afterEach(async () => {
  await Promise.all(parsers.splice(0).map((parser) => parser.close()))
})

const catalogueOf = (count: number): string => {
  const sources = [{ url: 'https://h.example/a.mp4' }]
  const titles = Array.from({ length: count }, (_, i) => {
    const id = `tt${1_000_000 + i}`
    if (i % 3) return { id, type: 'movie', name: `Film ${i}`, year: 2001, sources }
    return { id, type: 'series', name: `Show ${i}`, episodes: { '1:1': sources }, nonsense: 1 }
  })
  return JSON.stringify({ version: 1, titles })
}

describe('a catalogue that is read in a worker', () => {
  test('is what it is when it is read at once, however many parts it comes in', async () => {
    const text = catalogueOf(601)
    const [inWorker, other] = await Promise.all([
      parserWith({ inlineChars: 0 }).parse(text),
      parserWith({ inlineChars: 0 }).parse('version: 2'),
    ])
    expect(inWorker).toEqual(parseCatalogue(text))
    expect(other).toEqual(parseCatalogue('version: 2'))
  })

  test('leaves the loop its turns while it is read', async () => {
    let turns = 0
    const timer = setInterval(() => turns++, 1)
    try {
      const parsed = parserWith({ inlineChars: 0 }).parse(catalogueOf(800))
      expect((await parsed).titles).toHaveLength(800)
    } finally {
      clearInterval(timer)
    }
    expect(turns).toBeGreaterThan(5)
  })

  test.each([
    ['millions of empty items', '- \n'.repeat(1_700_000)],
    ['millions of empty maps', `[${'{},'.repeat(1_700_000)}]`],
    ['millions of keys', '? a\n'.repeat(1_200_000)],
  ])('is refused when it takes too much memory: %s', async (_, text) => {
    const parser = parserWith({ mostMemory: 32, mostMs: 5000 })
    await expect(parser.parse(text)).rejects.toThrow('takes too long or too much to be read')
    // The next one is read all the same.
    expect((await parser.parse(catalogueOf(3))).titles).toHaveLength(3)
  })

  test('is refused when it takes too long', async () => {
    const parser = parserWith({ mostMs: 1 })
    await expect(parser.parse(catalogueOf(5000))).rejects.toThrow('too long')
  })

  test('ends with its parser, and so do those that wait', async () => {
    const parser = parserWith({ inlineChars: 0 })
    const outcomes = Promise.allSettled([1, 2].map(() => parser.parse(catalogueOf(5000))))
    await new Promise((resolve) => setImmediate(resolve))
    await parser.close()
    expect((await outcomes).map(({ status }) => status)).toEqual(['rejected', 'rejected'])
  })
})
