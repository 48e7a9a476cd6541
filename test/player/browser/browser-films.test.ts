import { setImmediate as nextTick } from 'node:timers/promises'
import { expect, test } from '@jest/globals'
import { createMemoryIndex } from '../../../cache/backends/memory/memory.ts'
import { systemClock } from '../../../common/clock.ts'
import type { Film } from '../../../media/film/film.ts'
import type { Media } from '../../../media/media.ts'
import { type BrowserFilmParts, FilmsForBrowsers } from '../../../player/browser/browser-films.ts'
import type { PlayRequest } from '../../../player/files/play-request.ts'
import { ProbedFilms } from '../../../player/films/probed-films.ts'
import type { Playback } from '../../../player/play/playback.ts'
import { endedJob } from '../../support/films/ended-job.ts'
import { filmBytes } from '../../support/films/make-film.ts'
import { silent } from '../fakes.ts'

const FILM: Film = {
  duration: 6,
  video: { id: 1, codec: 'avc1.640028', isCopied: true, width: 16, height: 9 },
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
function stage(
  probe: (number: number) => Promise<Film>,
  parts: Partial<Media> = {},
  segments: BrowserFilmParts['segments'] = { read: async () => undefined, keep: async () => {} },
) {
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
  const media: Partial<Media> & Pick<Media, 'probe'> = {
    ...parts,
    async probe(film) {
      const { etag = '' } = film as { readonly etag?: string }
      probed.push(etag)
      return probe(Number(etag.slice(1, -1)))
    },
  }
  const playback: Playback = { play, head: () => Promise.reject(new Error('not asked')) }
  const index = createMemoryIndex({ clock: systemClock })
  const known = new ProbedFilms({ media, index, log: silent })
  const shared = { playback, media: media as Media, films: known, segments }
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

test('segments are kept for the next viewer, converted and copied ones; heads are not', async () => {
  const sound = { id: 2, codec: 'ac-3', language: 'en', title: '', channels: 6, isCopied: false }
  const copied = { ...sound, id: 3, codec: 'mp4a.40.2', isCopied: true }
  const film = { ...FILM, audio: [sound, copied] } as unknown as Film
  const kept = new Map<string, Uint8Array>()
  let made = 0
  const make = async () => new Uint8Array([++made])
  const { films, probed } = stage(
    async () => film,
    { videoSegment: make, audioSegment: make, videoInit: make },
    {
      read: async (name) => kept.get(name),
      keep: async (name, bytes) => void kept.set(name, bytes),
    },
  )
  const segment = async (track?: number) => {
    const { body, etag } = await films.part(request(1), { kind: 'segment', track, n: 0 })
    return { body: [...(body as Uint8Array)], etag }
  }
  const first = await segment(2)
  expect(await segment(2)).toEqual(first)
  expect([...kept.keys()]).toEqual([first.etag?.slice(1, -1)])
  expect((await segment()).body).toEqual([2])
  expect((await segment()).body).toEqual([2])
  expect((await segment(3)).body).toEqual([3])
  expect((await segment(3)).body).toEqual([3])
  await films.part(request(1), { kind: 'init', track: undefined })
  expect(kept.size).toBe(3)
  expect(probed).toHaveLength(1)
})

test('six channels are kept beside stereo, and are had only of what has them', async () => {
  const sound = { id: 2, codec: 'ac-3', language: 'en', title: '', channels: 6, isCopied: false }
  const film = { ...FILM, audio: [sound, { ...sound, id: 3, channels: 2 }] } as unknown as Film
  const names: string[] = []
  const { films } = stage(
    async () => film,
    { audioSegment: async (_bytes, _film, { channels }) => new Uint8Array([channels]) },
    { read: async () => undefined, keep: async (name) => void names.push(name) },
  )
  const segment = async (track: number, isSurround?: true) => [
    ...((await films.part(request(1), { kind: 'segment', track, isSurround, n: 0 }))
      .body as Uint8Array),
  ]
  expect([await segment(2), await segment(2, true), await segment(3)]).toEqual([[2], [6], [2]])
  expect(new Set(names).size).toBe(3)
  await expect(segment(3, true)).rejects.toMatchObject({ code: 'NOT_FOUND' })
})
