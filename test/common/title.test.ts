import { describe, expect, test } from '@jest/globals'
import { Fault } from '../../common/errors.ts'
import { isImdbId, parseSmallNumber, parseTitle, titleId } from '../../common/title.ts'

function codeOf(run: () => unknown): string | undefined {
  try {
    run()
  } catch (thrown) {
    return thrown instanceof Fault ? thrown.code : String(thrown)
  }
  return undefined
}

describe('parseTitle', () => {
  test('reads a movie and an episode', () => {
    expect(parseTitle('movie', 'tt1254207', undefined, undefined)).toEqual({
      type: 'movie',
      imdbId: 'tt1254207',
    })
    expect(parseTitle('series', 'tt0903747', '1', '0')).toEqual({
      type: 'series',
      imdbId: 'tt0903747',
      season: 1,
      episode: 0,
    })
  })

  test.each([
    ['Movie', 'tt1254207', undefined, undefined, 'BAD_TYPE'],
    ['channel', 'tt1254207', undefined, undefined, 'BAD_TYPE'],
    ['movie', 'tt123456', undefined, undefined, 'BAD_IMDB_ID'],
    ['movie', 'tt12345678901', undefined, undefined, 'BAD_IMDB_ID'],
    ['movie', 'tt1254207\n', undefined, undefined, 'BAD_IMDB_ID'],
    ['movie', '../etc/passwd', undefined, undefined, 'BAD_IMDB_ID'],
    ['movie', 'tt1254207', '1', '1', 'BAD_SEASON'],
    ['movie', 'tt1254207', '1', undefined, 'BAD_SEASON'],
    ['series', 'tt0903747', undefined, undefined, 'BAD_SEASON'],
    ['series', 'tt0903747', '1', undefined, 'BAD_EPISODE'],
    ['series', 'tt0903747', '01', '1', 'BAD_SEASON'],
    ['series', 'tt0903747', '1', '1e3', 'BAD_EPISODE'],
  ])('%s %j %s %s is %s', (type, id, season, episode, code) => {
    expect(codeOf(() => parseTitle(type, id, season, episode))).toBe(code)
  })
})

test('small numbers have at most four digits and one way to write them', () => {
  expect(['0', '9999', '10'].map(parseSmallNumber)).toEqual([0, 9999, 10])
  for (const text of ['', '00', '10000', '-1', '+1', ' 1', '1\n', '1.0', '0x1', '١']) {
    expect([text, parseSmallNumber(text)]).toEqual([text, undefined])
  }
})

test('the id of a title is Stremio’s', () => {
  expect(titleId({ type: 'movie', imdbId: 'tt1254207' })).toBe('tt1254207')
  const episode = { type: 'series', imdbId: 'tt0903747', season: 1, episode: 2 } as const
  expect(titleId(episode)).toBe('tt0903747:1:2')
  expect(isImdbId('tt0903747')).toBe(true)
  expect(isImdbId('TT0903747')).toBe(false)
})
