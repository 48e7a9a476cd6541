import { describe, expect, test } from '@jest/globals'
import {
  checkPreferences,
  EVERYTHING,
  fitIntoAddress,
  type Preferences,
  readPreferences,
  writePreferences,
} from '../../addon/preferences.ts'

const EVERYTHING_HIDDEN = ['remote', 'camera', 'direct', 'auto', 'catalogs'] as const

const wish = (some: Partial<Preferences>): Preferences => ({ ...EVERYTHING, ...some })

describe('in the address', () => {
  test.each<[string, Partial<Preferences>]>([
    ['v1~r.1080.720', { resolutions: ['1080', '720'] }],
    ['v1~l.de.en', { languages: ['de', 'en'] }],
    ['v1~m.8000~s.small', { maxMb: 8000, sort: 'small' }],
    ['v1~p.archive', { without: ['archive'] }],
    ['v1~p.a_20tracker_3a1._c3_bc_2e', { without: ['a tracker:1', 'ü.'] }],
    ['v1~h.remote.camera.direct.auto.catalogs', { hide: [...EVERYTHING_HIDDEN] }],
  ])('%s is read as it was meant, and written again equal', (text, some) => {
    const read = readPreferences(text)
    expect(read).toEqual(checkPreferences(wish(some)))
    expect(readPreferences(writePreferences(read ?? EVERYTHING))).toEqual(read)
  })

  test('are short, with characters only that no client encodes', () => {
    const all = wish({
      resolutions: ['2160', '1080'],
      languages: ['de', 'es-419'],
      maxMb: 12_500,
      sort: 'seeders',
      without: ['Müller & Söhne/%2f~', 'b'],
      hide: ['camera', 'direct'],
    })
    const text = writePreferences(all)
    expect(text).toMatch(/^[A-Za-z0-9._~-]+$/)
    expect(text.length).toBeLessThan(130)
    expect(readPreferences(text)).toEqual(checkPreferences(all))
  })

  test.each([
    ['thirty with long names', 30, 'a tracker of films'],
    ['thirty with the longest names there are', 30, 'a'.repeat(57)],
    ['some with names of other letters', 12, 'фильмы и сериалы'],
    ['thirty of those', 30, 'фильмы и сериалы'],
    ['more than thirty', 31, 'a'],
  ])('say before whether they can be read again: %s', (_what, count, name) => {
    const without = Array.from({ length: count }, (_, n) => `${name} ${n}`).toSorted()
    const wanted = wish({ without, languages: ['de'] })
    const read = readPreferences(writePreferences(wanted))
    expect(read).toEqual(fitIntoAddress(wanted) ? wanted : undefined)
  })

  test('thirty providers with common names fit', () => {
    const without = Array.from({ length: 30 }, (_, n) => `an indexer of films ${n}`)
    expect(fitIntoAddress(wish({ without }))).toBe(true)
  })

  test('give one address for equal preferences, and an empty one for none', () => {
    const one = checkPreferences(wish({ languages: ['de', 'en'], hide: ['direct', 'camera'] }))
    const two = checkPreferences(
      wish({ languages: ['en', 'de', 'de'], hide: ['camera', 'direct'] }),
    )
    expect(one).toEqual(two)
    expect(writePreferences(EVERYTHING)).toBe('')
    const all = ['unknown', 'sd', '720', '1080', '1440', '2160']
    expect(
      writePreferences(checkPreferences({ ...EVERYTHING, resolutions: all }) ?? wish({})),
    ).toBe('')
  })

  test.each([
    ['an older version', 'v0~r.1080'],
    ['a later version', 'v2~r.1080'],
    ['JSON, as the SDK writes it', '{"quality":"1080p"}'],
    ['an unknown field', 'v1~x.1'],
    ['an unknown value', 'v1~r.8640'],
    ['an unknown language', 'v1~l.xx'],
    ['a field twice', 'v1~r.1080~r.720'],
    ['a field without values', 'v1~r'],
    ['a size that is none', 'v1~m.1e3'],
    ['a size below one', 'v1~m.0'],
    ['two sizes', 'v1~m.1.2'],
    ['two orders', 'v1~s.small.large'],
    ['a broken character', 'v1~p.a_ff'],
    ['a name of Object', 'v1~__proto__.1'],
    ['far too long', `v1~p.${'a'.repeat(700)}`],
    ['nothing', ''],
  ])('%s is not read', (_what, text) => {
    expect(readPreferences(text)).toBeUndefined()
  })
})
