import { describe, expect, test } from '@jest/globals'
import {
  readAddonManifest,
  sourceOfStream,
} from '../../../../sources/providers/addons/addon-format.ts'
import { jsonOf } from '../../../../sources/providers/shared/foreign-answer.ts'
import { timesAsLong } from '../../../support/ratio.ts'

const MOST = 5 * 1024 * 1024
const read = (text: string) => jsonOf({ body: Buffer.from(text) })

describe('JSON of another server', () => {
  // The first three took 2.4 s, 1 s and, with the check of their shape, 37 s and 2.5 GB.
  test.each([
    ['levels', '['.repeat(MOST / 2) + ']'.repeat(MOST / 2)],
    ['names', `{${Array.from({ length: 400_001 }, (_, n) => `"${n}":0`).join()}}`],
    ['values', `[${'0,'.repeat(MOST / 2 - 2)}0]`],
    ['objects', `[${'{},'.repeat(400_001)}0]`],
  ])('is refused with millions of %s', (_what, text) => {
    expect(() => read(text)).toThrow(
      expect.objectContaining({ cause: expect.objectContaining({ message: 'too many values' }) }),
    )
  })

  test('may hold any text, and the file list of a large item', () => {
    const text = '[{,:"\\\\'.repeat(100_000)
    expect(read(JSON.stringify({ text }))).toEqual({ text })
    const files = Array.from({ length: 10_000 }, (_, n) => ({ name: `${n}.mp4`, size: '1', a: [] }))
    expect(read(JSON.stringify({ files }))).toEqual({ files })
  })
})

describe('a list in an answer costs the same however long it is', () => {
  const [many, few] = [300_000, 300]
  const given = {
    'wrong values': (length: number) => Array(length).fill(0),
    'wrong objects': (length: number) => Array(length).fill({}),
  }
  const parts = {
    'of a manifest': (list: unknown) => readAddonManifest({ resources: list, types: list }),
    'of a stream': (list: unknown) =>
      sourceOfStream({ infoHash: 'a'.repeat(40), sources: list, announce: list }, 'x', () => true),
  }
  test.each(
    Object.entries(parts).flatMap(([part, work]) =>
      Object.entries(given).map(([what, make]) => [what, part, work, make] as const),
    ),
  )('%s %s', async (_what, _part, work, make) => {
    const [long, short] = [make(many), make(few)]
    expect(
      await timesAsLong(
        () => work(long),
        () => work(short),
      ),
    ).toBeLessThan(20)
  })

  test('headers are counted before they are read', async () => {
    const streamWith = (count: number) => {
      const request = Object.fromEntries(Array.from({ length: count }, (_, n) => [`é${n}`, 0]))
      return { url: 'http://a.example/', behaviorHints: { proxyHeaders: { request } } }
    }
    const [long, short] = [streamWith(50_000), streamWith(50)]
    const read = (stream: object) => sourceOfStream(stream, 'x', () => true)
    expect(read(long)).toBeUndefined()
    // Their names are listed once; each complaint was 100 times that.
    expect(
      await timesAsLong(
        () => read(long),
        () => Object.keys(long.behaviorHints.proxyHeaders.request).length,
      ),
    ).toBeLessThan(20)
    expect(read(short)).toBeUndefined()
  })
})
