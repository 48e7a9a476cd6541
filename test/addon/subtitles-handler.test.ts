import { describe, expect, test } from '@jest/globals'
import { createSubtitlesHandler } from '../../addon/subtitles-handler.ts'
import type { NumberedSource } from '../../sources/source.ts'
import { holding, source } from './fixtures.ts'

const tracks = {
  0: [{ id: '3', lang: 'eng' }],
  1: [
    { id: '4', lang: 'ger' },
    { id: '5', lang: 'und' },
  ],
}
const sources = [
  source(0, { filename: 'One.mkv' }),
  source(1, { filename: 'Two.mkv' }),
  source(2, { listed: false }),
]
const BASE = 'https://films.example'

async function ask(extra: Record<string, string> = {}, id = 'tt1254207', found = sources) {
  const waited: readonly NumberedSource[][] = []
  const handler = createSubtitlesHandler({
    sourceLists: { recall: async () => ({ sources: found, failed: [] }) },
    player: {
      ...holding({ 1: { kind: 'ready', videoHash: '0123456789abcdef' } }, tracks),
      known: async (_title, played) => void (waited as NumberedSource[][]).push([...played]),
    },
  })
  const signal = new AbortController().signal
  const config = { baseUrl: BASE, signal, loopCheck: 'viewer' as const }
  const list = await handler({ type: 'movie', id, extra, config })
  return { ...list, langs: list.subtitles.map(({ lang }) => lang), waited: waited.flat() }
}

describe('the subtitles of a title', () => {
  test('of all its sources, when the client does not say what it plays', async () => {
    const { subtitles, langs, cacheMaxAge, waited } = await ask()
    expect(langs).toEqual(['eng', 'ger', 'und'])
    expect(subtitles[0]?.url).toBe(`${BASE}/subtitles/movie/tt1254207/0/3.vtt?s=abcdefghx0`)
    expect(new Set(subtitles.map(({ id }) => id)).size).toBe(3)
    expect([cacheMaxAge, waited]).toEqual([600, []])
  })

  test.each([
    ['its hash', { videoHash: '0123456789abcdef' }, 1, ['ger', 'und']],
    ['its name', { filename: 'One.mkv' }, 0, ['eng']],
  ])('only of what is played, by %s; which is waited for', async (_how, extra, number, langs) => {
    const asked = await ask(extra as unknown as Record<string, string>)
    expect(asked.langs).toEqual(langs)
    expect(asked.waited.map((one) => one.number)).toEqual([number])
  })

  test('an empty list, cached for a short time while nothing is known; and for ids of other addons', async () => {
    expect(await ask({}, 'tt1254207', [])).toMatchObject({ subtitles: [], cacheMaxAge: 15 })
    expect(await ask({}, 'kitsu:1')).toMatchObject({ subtitles: [], cacheMaxAge: 600 })
  })
})
