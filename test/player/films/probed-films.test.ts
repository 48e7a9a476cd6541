import { describe, expect, test } from '@jest/globals'
import type { Film } from '../../../media/film/film.ts'
import type { BytesPlayable } from '../../../player/files/playable.ts'
import { ProbedFilms } from '../../../player/films/probed-films.ts'
import { createFakeIndex, eventually, silent } from '../fakes.ts'

const ETAG = '"film"'
const asked = { signal: new AbortController().signal }
const playable = { kind: 'bytes', etag: ETAG } as BytesPlayable
const track = { channels: 6, isCopied: false, title: '', isDefault: true }
const FILM: Film = {
  duration: 60,
  video: { id: 1, codec: 'avc1.640028', width: 1920, height: 1080, isCopied: true },
  audio: [{ id: 2, codec: 'ac-3', language: 'ger', ...track }],
  subtitles: [{ id: 3, language: 'fre', title: 'Full', isForced: false, isIndexed: true }],
  chapters: [],
  starts: [0],
  isIndexed: true,
}
const TOLD = {
  picture: 'avc1.640028',
  audio: [{ codec: 'ac-3', language: 'ger' }],
  subtitles: ['fre'],
}

function open(index = createFakeIndex()) {
  let probed = 0
  const media = {
    async probe() {
      probed++
      return FILM
    },
  }
  return { films: new ProbedFilms({ media, index, log: silent }), index, probes: () => probed }
}

describe('what is in a film', () => {
  test('is known once somebody has looked, here and to who shares the index', async () => {
    const { films, index } = open()
    await films.recall(ETAG)
    expect(films.peekTracks(ETAG)).toBeUndefined()
    await films.film(playable, asked)
    expect(films.peekTracks(ETAG)).toEqual(TOLD)
    await eventually('remembered', () => index.entries.size === 1)
    const later = open(index)
    expect(later.films.peekTracks(ETAG)).toBeUndefined()
    await later.films.recall(ETAG)
    expect(later.films.peekTracks(ETAG)).toEqual(TOLD)
    expect(await later.films.texts(ETAG)).toEqual(FILM.subtitles)
    expect(later.probes()).toBe(0)
  })

  test('is asked of the index once, whether it is there or not', async () => {
    const { films, index } = open()
    let reads = 0
    const readValue = index.readValue.bind(index)
    index.readValue = <T>(name: string) => {
      reads++
      return readValue<T>(name)
    }
    for (const _ of Array(3)) await films.recall(ETAG)
    expect([reads, await films.texts(ETAG)]).toEqual([1, undefined])
  })

  test.each<[string, unknown]>([
    ['no sound', { picture: 'avc1', texts: [] }],
    [
      'a language of another shape',
      { ...TOLD, texts: [], audio: [{ codec: 'a', language: '\n' }] },
    ],
    ['a codec that is a novel', { ...TOLD, texts: [], picture: 'x'.repeat(101) }],
    ['nothing', null],
  ])('counts as unknown where somebody else wrote %s', async (_what, value) => {
    const { films, index } = open()
    index.entries.set(`tracks:${ETAG}`, { value, revision: 1 })
    await films.recall(ETAG)
    expect(films.peekTracks(ETAG)).toBeUndefined()
  })
})
