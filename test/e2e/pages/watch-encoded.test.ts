import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { type Kind, openKinds } from '../../support/films/kinds.ts'

/** Pictures that this browser does not play, by what the page calls them; the last two it plays. */
const KINDS: readonly (readonly [string | undefined, Kind])[] = [
  ['MPEG-4 (XviD, DivX)', { end: 'mkv', video: 'xvid', audio: 'ac3' }],
  ['MPEG-2', { end: 'mkv', video: 'mpeg2', audio: 'mp3' }],
  ['MPEG-4 (XviD, DivX)', { end: 'avi', video: 'xvid', audio: 'mp3' }],
  ['H.264', { end: 'avi', video: 'h264', audio: 'ac3' }],
  ['HEVC', { end: 'mkv', video: 'hevc', audio: 'aac' }],
  [undefined, { end: 'mkv', video: 'hi10p', audio: 'aac' }],
  [undefined, { end: 'mkv', video: 'h264', audio: 'ac3' }],
]

let films: Awaited<ReturnType<typeof openKinds>>

beforeAll(async () => {
  films = await openKinds(
    KINDS.map(([, kind]) => kind),
    { BROWSER: 'video' },
  )
}, 900_000)

afterAll(() => films?.close())

test.each(KINDS.map(([name, { end, video, audio }], n) => [end, video, audio, n, name] as const))(
  '%s with %s and %s: picture and sound, encoded where the browser does not decode it',
  async (_end, _video, _audio, n, name) => {
    const heard = await films.play(n)
    expect(heard.frames).toBeGreaterThan(0)
    expect(heard.loudest).toBeGreaterThanOrEqual(5)
    if (name) expect(heard.words).toContain(`The picture (${name}) is encoded for your browser`)
    else expect(heard.words).not.toContain('encoded')
  },
  600_000,
)
