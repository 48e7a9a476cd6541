import { describe, expect, test } from '@jest/globals'
import { type Title, titleId } from '../../../common/title.ts'
import {
  createNextEpisodePredictor,
  type EpisodePlay,
} from '../../../player/prefetch/next-episode-predictor.ts'

const episode = (season: number, number: number): Title => ({
  ...{ type: 'series', imdbId: 'tt0903747', season, episode: number },
})
const playOf = (season: number, number: number): EpisodePlay => ({
  ...{ title: episode(season, number), number: 0, sourceKey: undefined },
})

function bench(whole = true) {
  const begun: string[] = []
  let now = 1
  const prefetch = createNextEpisodePredictor(
    async (next, after) => {
      begun.push(`${titleId(next)} after ${titleId(after.title)}`)
      return whole
    },
    () => now,
  )
  const wait = (ms: number): void => {
    now += ms
  }
  return { prefetch, begun, wait }
}
const settle = () => new Promise((resolve) => setImmediate(resolve))

describe('what an address plays next', () => {
  test('its list after the play, or shortly before; once', async () => {
    const { prefetch, begun } = bench()
    prefetch.playStarted('a', playOf(1, 1))
    prefetch.listRequested('a', episode(1, 2))
    prefetch.listRequested('b', episode(1, 2))
    prefetch.playStarted('b', playOf(1, 1))
    await settle()
    prefetch.listRequested('a', episode(1, 2))
    prefetch.nearEnd('a', playOf(1, 1))
    const once = 'tt0903747:1:2 after tt0903747:1:1'
    expect(begun).toEqual([once, once])
  })

  test.each([
    ['another address', 'b', episode(1, 2)],
    ['the same episode', 'a', episode(1, 1)],
    ['one after the next', 'a', episode(1, 3)],
    ['another series', 'a', { ...episode(1, 2), imdbId: 'tt0000009' } as Title],
    ['a film', 'a', { type: 'movie', imdbId: 'tt0903747' } as Title],
  ])('not the list of %s', (_, address, title) => {
    const { prefetch, begun } = bench()
    prefetch.playStarted('a', playOf(1, 1))
    prefetch.listRequested(address, title)
    expect(begun).toEqual([])
  })

  test('one network of IPv6 is one address: it cannot push out everybody else', () => {
    const { prefetch, begun } = bench()
    prefetch.playStarted('198.51.100.7', playOf(1, 1))
    for (let n = 0; n < 20_000; n++) {
      prefetch.playStarted(`2001:db8::${n.toString(16)}`, playOf(2, 1))
    }
    prefetch.listRequested('198.51.100.7', episode(1, 2))
    expect(begun).toEqual(['tt0903747:1:2 after tt0903747:1:1'])
  })

  test('the first episode of the next season follows', () => {
    const { prefetch, begun } = bench()
    prefetch.playStarted('a', playOf(1, 9))
    prefetch.listRequested('a', episode(2, 1))
    expect(begun).toHaveLength(1)
  })

  test('a list looked at long before has nothing to do with a play', () => {
    const { prefetch, begun, wait } = bench()
    prefetch.listRequested('a', episode(1, 2))
    wait(120_000)
    prefetch.playStarted('a', playOf(1, 1))
    expect(begun).toEqual([])
  })

  test('what came to nothing is tried again at four fifths', async () => {
    const { prefetch, begun } = bench(false)
    prefetch.playStarted('a', playOf(1, 1))
    prefetch.listRequested('a', episode(1, 2))
    await settle()
    prefetch.nearEnd('a', playOf(1, 1))
    expect(begun).toHaveLength(2)
  })
})

test('of what plays nothing is kept but its name: a request is a viewer’s connection', async () => {
  const kept: EpisodePlay[] = []
  const prefetch = createNextEpisodePredictor(
    async (_next, after) => {
      kept.push(after)
      return true
    },
    () => 1,
  )
  const request = { ...playOf(1, 1), signal: new AbortController().signal }
  prefetch.playStarted('a', request)
  prefetch.listRequested('a', episode(1, 2))
  await settle()
  expect(kept).toEqual([playOf(1, 1)])
})
