import { expect } from '@jest/globals'
import fc from 'fast-check'
import {
  checkPreferences,
  EVERYTHING,
  HIDEABLE,
  LANGUAGES,
  RESOLUTIONS,
  readPreferences,
  writePreferences,
} from '../../addon/preferences.ts'
import { isPolluted, mutatedText, pumpOf, textOf } from './arbitraries.ts'
import { fuzz } from './fuzz.ts'
import { worseThanLinear } from './growth.ts'

const WORDS = [
  'v1',
  'v2',
  '~',
  '.',
  'r',
  'l',
  'm',
  's',
  'p',
  'h',
  '1080',
  '720',
  'de',
  'best',
  'auto',
  '8000',
  '_c3_a9',
]
const honest = ['v1~r.1080.720~l.de.en~m.8000', 'v1~s.small~p.a_20b~h.auto.remote']
const anyText = fc.oneof(textOf(WORDS), mutatedText(honest, WORDS))

/** Names of providers as operators have them: what all of them come to fits an address. */
const chosen = fc.record({
  resolutions: fc.uniqueArray(fc.constantFrom(...RESOLUTIONS)),
  languages: fc.uniqueArray(fc.constantFrom(...LANGUAGES)),
  sort: fc.constantFrom('best', 'quality', 'small', 'large', 'seeders'),
  without: fc.array(
    fc.string({ unit: 'binary', minLength: 1, maxLength: 6 }).map((t) => t.toWellFormed()),
    { maxLength: 3 },
  ),
  hide: fc.uniqueArray(fc.constantFrom(...HIDEABLE)),
})

fuzz(
  'config in the URL: what was chosen is read as it was written, in unreserved characters',
  fc.property(
    chosen,
    fc.option(fc.integer({ min: 1, max: 1_000_000 }), { nil: undefined }),
    (some, maxMb) => {
      const wanted = checkPreferences(maxMb === undefined ? some : { ...some, maxMb })
      const text = writePreferences(wanted ?? EVERYTHING)
      expect(text).toMatch(/^[\w.~-]*$/)
      expect(text === '' ? EVERYTHING : readPreferences(text)).toEqual(wanted)
    },
  ),
)

fuzz(
  'config in the URL: any text is none, or has one form that means the same',
  fc.property(anyText, (text) => {
    const read = readPreferences(text)
    expect(isPolluted()).toBe(false)
    if (!read) return
    expect(checkPreferences(read)).toEqual(read)
    const canonical = writePreferences(read)
    expect(canonical === '' ? EVERYTHING : readPreferences(canonical)).toEqual(read)
    expect(Object.getPrototypeOf(read)).toBe(Object.prototype)
  }),
)

fuzz(
  'config in the URL: time grows with the length',
  fc.asyncProperty(pumpOf(WORDS), async (pump) => {
    // A text is remembered, so each is another one.
    let nth = 0
    expect(
      await worseThanLinear((text) => readPreferences(`${text}${nth++}`), pump),
    ).toBeUndefined()
  }),
  1,
)
