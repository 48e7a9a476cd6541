import { describe, expect, test } from '@jest/globals'
import { readAddonManifest, readStream } from '../../../../sources/providers/addons/addon-format.ts'
import { jsonOf } from '../../../../sources/providers/shared/foreign-answer.ts'
import { slowOnes } from '../../../support/ratio.ts'

const MOST = 5 * 1024 * 1024
const read = (text: string) => jsonOf({ body: Buffer.from(text) })
const many = (count: number, make: (n: number) => string): string =>
  Array.from({ length: count }, (_, n) => make(n)).join()
const tooMany = { cause: expect.objectContaining({ message: 'too many values' }) }

/** The parser took 2.4 s for the levels, and 0.8 s for 200,000 names. */
const hostile: Readonly<Record<string, string>> = {
  levels: '['.repeat(MOST / 2) + ']'.repeat(MOST / 2),
  names: `{${many(60_000, (n) => `"${n}":0`)}}`,
  'names in lists': `[${many(15, () => `[${many(2000, (n) => `{"${Math.random()}${n}":0}`)}]`)}]`,
  'long names': `{${many(9000, (n) => `"${'x'.repeat(500)}${n}":0`)}}`,
  'names that are numbers': `{${many(60_000, (n) => `"${n * 20_001}":0`)}}`,
  'one name': `{${many(70_000, () => '"a":0')}}`,
  'lists of texts': `[${many(100, () => `[${many(1999, (n) => `"${n}"`)}]`)}]`,
  'lists of lists': `[${many(100, () => `[${many(1999, () => '[]')}]`)}]`,
}
/** Elements, and of how many only the first are read. */
const long: Readonly<Record<string, readonly [(n: number) => string, number]>> = {
  values: [() => '0', 2_000_000],
  objects: [() => '{}', 400_001],
  'objects with names': [(n) => `{"n${n}":0}`, 100_000],
  'lists of lists': [(n) => `[[${n}],"]",{"a":[[]]}]`, 50_000],
}

describe('JSON of another server', () => {
  test.each(Object.entries(hostile))('is refused with too many %s', async (_what, text) => {
    await expect(read(text)).rejects.toMatchObject(tooMany)
  })

  test.each(Object.entries(long))('is read as far as it counts: many %s', async (_what, one) => {
    const [make, count] = one
    expect(await read(`{"list":[${many(count, make)}],"after":[1]}`)).toEqual({
      list: JSON.parse(`[${many(2000, make)}]`),
      after: [1],
    })
  })

  test('lets others have their turn while it is looked at', async () => {
    let turns = 0
    const turn = (): void => {
      turns++
      next = setImmediate(turn)
    }
    let next = setImmediate(turn)
    await read(`[${' '.repeat(MOST - 2)}]`)
    clearImmediate(next)
    expect(turns).toBeGreaterThanOrEqual(5)
  })

  test('may hold any text, and the file list of a large item', async () => {
    const text = '[{,:"\\\\'.repeat(100_000)
    expect(await read(JSON.stringify({ text }))).toEqual({ text })
    const files = Array.from({ length: 10_000 }, (_, n) => ({ name: `${n}.mp4`, size: '1', a: [] }))
    expect(await read(JSON.stringify({ files, after: 1 }))).toEqual({
      files: files.slice(0, 2000),
      after: 1,
    })
  })

  test.each(['', '{', '[1', '[1}', '[1,]', ']', '}{', '"', '"\\', '{"a"', '[1,2}'])(
    'that is none is refused: %s',
    async (text) => {
      const none = { cause: expect.objectContaining({ message: 'no JSON' }) }
      await expect(read(text)).rejects.toMatchObject(none)
    },
  )
})

describe('a list in an answer costs the same however long it is', () => {
  const [most, few] = [300_000, 300]
  const given = {
    'wrong values': (length: number) => Array(length).fill(0),
    'wrong objects': (length: number) => Array(length).fill({}),
  }
  const parts = {
    'of a manifest': (list: unknown) => readAddonManifest({ resources: list, types: list }),
    'of a stream': (list: unknown) =>
      readStream({ infoHash: 'a'.repeat(40), sources: list, announce: list }, 'x', () => true),
  }
  test.each(
    Object.entries(parts).flatMap(([part, work]) =>
      Object.entries(given).map(([what, make]) => [what, part, work, make] as const),
    ),
  )('%s %s', async (_what, _part, work, make) => {
    const [long, short] = [make(most), make(few)]
    const works = new Map([['the long one', () => work(long)]])
    expect(await slowOnes(works, () => work(short), 20)).toEqual([])
  })

  test('headers are counted before they are read', async () => {
    const streamWith = (count: number) => {
      const request = Object.fromEntries(Array.from({ length: count }, (_, n) => [`é${n}`, 0]))
      return { url: 'http://a.example/', behaviorHints: { proxyHeaders: { request } } }
    }
    const [long, short] = [streamWith(50_000), streamWith(50)]
    const read = (stream: object) => readStream(stream, 'x', () => true)
    expect(read(long)).toBeUndefined()
    // Their names are listed once; each complaint was 100 times that.
    const listed = () => Object.keys(long.behaviorHints.proxyHeaders.request).length
    const works = new Map([['the refusal', () => read(long)]])
    expect(await slowOnes(works, listed, 20)).toEqual([])
    expect(read(short)).toBeUndefined()
  })
})
