import { setImmediate as nextTick } from 'node:timers/promises'
import { expect, test } from '@jest/globals'
import { createMemoryIndex } from '../../../cache/backends/memory/memory.ts'
import { systemClock } from '../../../common/clock.ts'
import type { Film } from '../../../media/film/film.ts'
import type { Media } from '../../../media/media.ts'
import { FilmsForBrowsers } from '../../../player/browser/browser-films.ts'
import type { PlayRequest } from '../../../player/files/play-request.ts'
import { ProbedFilms } from '../../../player/films/probed-films.ts'
import type { Playback } from '../../../player/play/playback.ts'
import { endedJob } from '../../support/films/ended-job.ts'
import { filmBytes } from '../../support/films/make-film.ts'
import { silent } from '../fakes.ts'

const FILM: Film = {
  duration: 6,
  video: { id: 1, codec: 'avc1.640028', width: 16, height: 9 },
  audio: [],
  subtitles: [],
  chapters: [],
  starts: [0],
  isIndexed: true,
}

const request = (number: number, signal = new AbortController().signal): PlayRequest => ({
  title: { type: 'movie', imdbId: 'tt1254207' },
  number,
  sourceKey: undefined,
  signal,
})

/** Films that are numbered, and how often each was looked into. */
function stage(probe: (number: number) => Promise<Film>) {
  const probed: string[] = []
  const bytes = filmBytes(Buffer.alloc(10))
  const play: Playback['play'] = async ({ number }) => ({
    ...bytes,
    kind: 'bytes',
    from: 'disk',
    name: 'film.mkv',
    etag: `"${number}"`,
    release() {},
  })
  const media: Pick<Media, 'probe'> = {
    async probe(film) {
      const { etag = '' } = film as { readonly etag?: string }
      probed.push(etag)
      return probe(Number(etag.slice(1, -1)))
    },
  }
  const playback: Playback = { play, head: () => Promise.reject(new Error('not asked')) }
  const index = createMemoryIndex({ clock: systemClock })
  const known = new ProbedFilms({ media, index, log: silent })
  const shared = { playback, media: media as Media, films: known }
  const films = new FilmsForBrowsers({ ...shared, browser: 'audio' })
  return { films, probed }
}

test('what is remembered of films is bounded by what strangers wrote into them', async () => {
  const chapters = Array.from({ length: 500 }, (_, at) => ({ at, title: '\u{5b57}'.repeat(200) }))
  const film = { ...FILM, chapters }
  const { films, probed } = stage(async () => film)
  const numbers = Array.from({ length: 200 }, (_, n) => n)
  for (const n of numbers) await films.part(request(n), { kind: 'master' })
  expect(probed).toHaveLength(200)
  for (const n of numbers.toReversed()) await films.part(request(n), { kind: 'master' })
  const remembered = 400 - probed.length
  expect(remembered).toBeGreaterThan(10)
  expect(remembered * 500 * 200 * 2).toBeLessThanOrEqual(16 << 20)
})

test('a film that held a thread until it was ended is not given another one; others are', async () => {
  const fault = await endedJob()
  const { films, probed } = stage((number) =>
    number === 1 ? Promise.reject(fault) : Promise.resolve(FILM),
  )
  const refusal = { code: 'MEDIA_UNREADABLE' }
  for (const n of [0, 1, 2]) {
    const part = { kind: 'segment', track: undefined, n } as const
    await expect(films.part(request(1), part)).rejects.toMatchObject(refusal)
  }
  expect(probed).toEqual(['"1"'])
  await films.part(request(2), { kind: 'master' })
  expect(probed).toEqual(['"1"', '"2"'])
})

test('who leaves early, and comes again, ends no thread after another', async () => {
  const fault = await endedJob()
  const gate = Promise.withResolvers<Film>()
  const { films, probed } = stage(() => gate.promise)
  const leaving = new AbortController()
  const left = films.part(request(1, leaving.signal), { kind: 'master' })
  const gone = expect(left).rejects.toThrow('gone')
  await nextTick()
  leaving.abort(new Error('gone'))
  await gone
  gate.reject(fault)
  await nextTick()
  await expect(films.part(request(1), { kind: 'master' })).rejects.toBe(fault)
  expect(probed).toEqual(['"1"'])
})
