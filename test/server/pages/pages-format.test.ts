import { describe, expect, test } from '@jest/globals'
import { progressIn } from '../../../server/words/progress/words.ts'

interface Format {
  size(bytes: number): string
  milliseconds(ms: number): string
  duration(seconds: number): string
  hitRate(hits: number, misses: number): string
  share(part: number, whole: number): number
}

// What the page brings along for its scripts.
const content = JSON.stringify({ progress: progressIn('en') })
const page = { documentElement: { lang: 'en' }, querySelector: () => ({ content }) }
Object.assign(globalThis, { document: page })

// A browser's module without types; the address is a variable so that the checker does not look.
const address = new URL('../../../server/pages/assets/scripts/format.js', import.meta.url).href
const { size, milliseconds, duration, hitRate, share } = (await import(address)) as Format

describe('figures of the status page', () => {
  test.each([
    [0, '0 B'],
    [999, '999 B'],
    [1000, '1.0 kB'],
    [999_949, '1000 kB'],
    [999_960, '1.0 MB'],
    [5e9, '5.0 GB'],
    [123.4e9, '123 GB'],
    [-5, '0 B'],
    [Number.NaN, '–'],
  ])('size of %d bytes is %s', (bytes, text) => expect(size(bytes)).toBe(text))

  test.each([
    [0, '0 ms'],
    [0.2, 'under 1 ms'],
    [12.4, '12 ms'],
    [2310, '2.3 s'],
    [Number.NaN, '–'],
  ])('%d ms is %s', (ms, text) => expect(milliseconds(ms)).toBe(text))

  test.each([
    [0, '0 s'],
    [59, '59 s'],
    [300, '5 min'],
    [3600, '1 h'],
    [95_000, '1 d 2 h'],
  ])('%d seconds are %s', (seconds, text) => expect(duration(seconds)).toBe(text))

  test('rates and shares stay within their bounds', () => {
    expect(hitRate(0, 0)).toBe('–')
    expect(hitRate(3, 1)).toBe('75 %')
    expect(share(5, 10)).toBe(50)
    expect(share(11, 10)).toBe(100)
    expect(share(1, 0)).toBe(0)
    expect(share(Number.NaN, 10)).toBe(0)
  })
})
