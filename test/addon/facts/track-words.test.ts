import { expect, test } from '@jest/globals'
import { saysNothing, soundLanguages, textLanguages } from '../../../addon/facts/track-words.ts'

const tracks = (audio: readonly string[], subtitles: readonly string[] = []) => ({
  picture: 'avc1.640028',
  audio: audio.map((language) => ({ codec: 'ac-3', language })),
  subtitles,
})

test.each([
  [
    ['ger', 'eng'],
    ['de', 'en'],
  ],
  [['de', 'deu', 'DE'], ['de']],
  [['und', '', 'x y'], []],
  [['pt-BR', 'und'], ['pt-BR']],
])('a file whose sound is in %j has the languages %j', (codes, languages) => {
  expect(soundLanguages(tracks(codes))).toEqual(languages)
})

test('nothing is said of a file that nobody has looked into', () => {
  expect(soundLanguages(undefined)).toEqual([])
  expect(textLanguages(undefined, [])).toEqual([])
})

test('subtitles within and beside are told together', () => {
  const beside = ['ger', 'pob', 'und'].map((lang, n) => ({ id: String(n), lang }))
  expect(textLanguages(tracks([], ['fre', 'und', 'de']), beside)).toEqual(['fr', 'de', 'pt-BR'])
})

test.each([
  [[], true],
  [['multi audio'], true],
  [['dual audio', 'en'], false],
])('%j says no language: %s', (told, nothing) => {
  expect(saysNothing(told)).toBe(nothing)
})
