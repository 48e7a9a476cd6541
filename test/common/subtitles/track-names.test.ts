import { expect, test } from '@jest/globals'
import { languageTag, trackNames } from '../../../common/subtitles/track-names.ts'

const track = (language: string, title = '') => ({ language, title })

test('tracks of one name are told apart', () => {
  expect(trackNames([track('fre'), track('fra'), track('xx-?')])).toEqual([
    'French',
    'French (2)',
    'Track 3',
  ])
  expect(trackNames([track('ger', 'a"b\n')])).toEqual(['German, a b'])
})

test.each([
  ['fre', 'fr'],
  ['ger', 'de'],
  ['scr', 'hr'],
  ['pob', 'pt-BR'],
  ['und', undefined],
  ['en"', undefined],
  ['', undefined],
])('the language %s is %s for browsers', (code, tag) => {
  expect(languageTag(code)).toBe(tag)
})
