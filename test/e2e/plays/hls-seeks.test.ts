import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { seededRandom } from '../../common/seeded-random.ts'
import { type HlsFilm, openHls, type Rendition } from '../../support/clients/hls.ts'
import { type DecodeTimes, decodeTimes, ticksOf } from '../../support/films/fragments.ts'
import { makeFilm } from '../../support/films/make-film.ts'
import { type Playlink, startPlaylink } from '../../support/server/playlink.ts'
import { ask } from '../../support/server/request.ts'
import { movie } from '../../support/titles.ts'

/** Times that are jumped to, in all films together. */
const SEEKS = Number(process.env.SEEKS ?? 20)
const SECONDS = SEEKS > 20 ? 600 : 60
const AC3 = ['-c:a', 'ac3', '-b:a', '96k']
const FILMS = {
  'ac3.mkv': { audio: AC3 },
  'aac.mp4': { audio: ['-c:a', 'aac', '-movflags', '+faststart'] },
  'ac3.ts': { audio: AC3 },
} as const
const NAMES = Object.keys(FILMS) as (keyof typeof FILMS)[]
const idOf = (n: number): string => `tt900312${n}`

let folder: string
let server: Playlink

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'playlink-seeks-'))
  const films = join(folder, 'films')
  await mkdir(films)
  for (const name of NAMES) await makeFilm(join(films, name), { seconds: SECONDS, ...FILMS[name] })
  const CATALOGUE = join(folder, 'titles.json')
  const titles = NAMES.map((name, n) => movie(idOf(n), name, { path: `./films/${name}` }))
  await writeFile(CATALOGUE, JSON.stringify({ version: 1, titles }))
  const home = join(folder, 'home')
  await mkdir(home)
  server = await startPlaylink(home, { CATALOGUE })
})

afterAll(async () => {
  await server?.stop()
  await rm(folder, { recursive: true, force: true })
})

const sum = (all: readonly number[]): number => all.reduce((sofar, one) => sofar + one, 0)

async function bytesOf(url: string): Promise<Buffer> {
  const { status, body } = await ask(url, { timeout: 120_000 })
  expect([url, status]).toEqual([url, 200])
  return body
}

/** Decode times of a rendition's segments, in seconds. */
class Times {
  readonly #rendition: Rendition
  readonly #ticks: number
  readonly #known = new Map<number, DecodeTimes>()

  constructor(rendition: Rendition, init: Buffer) {
    this.#rendition = rendition
    this.#ticks = ticksOf(init)
  }

  /** The server is asked each time, as for every jump. */
  async asked(n: number): Promise<DecodeTimes> {
    const { start, end, packets } = decodeTimes(await bytesOf(this.#rendition.segments[n] ?? ''))
    const times = { start: start / this.#ticks, end: end / this.#ticks, packets }
    expect(times).toEqual(this.#known.get(n) ?? times)
    this.#known.set(n, times)
    return times
  }

  /** Seconds that lie between the end of each and the beginning of the next, or that both have: around this one. */
  async gaps(n: number): Promise<readonly number[]> {
    const own = await this.asked(n)
    const before = n > 0 ? [own.start - (await this.at(n - 1)).end] : []
    const isLast = n === this.#rendition.segments.length - 1
    const behind = isLast ? [] : [(await this.at(n + 1)).start - own.end]
    return [...before, ...behind].map(Math.abs)
  }

  async at(n: number): Promise<DecodeTimes> {
    return this.#known.get(n) ?? (await this.asked(n))
  }
}

/** Matroska's times are whole milliseconds: of two, each is off by a half at most. */
const ROUNDED = 0.0015
/** The longest frame of sound: what is copied begins with the first that begins in the segment. */
const FRAME = 1024 / 44_100

describe.each(NAMES)('%s', (name) => {
  let film: HlsFilm
  beforeAll(async () => {
    film = await openHls(`${server.base}/hls/movie/${idOf(NAMES.indexOf(name))}/0/`)
  })

  test('its segments last as long as the film', () => {
    for (const { lengths } of [film.video, ...film.audio]) {
      expect(Math.abs(sum(lengths) - SECONDS)).toBeLessThan(0.05)
    }
  })

  test(
    'jumps: each segment is the same again, and goes on where the one before it ends',
    async () => {
      const random = seededRandom()
      const [video, audio] = [film.video, film.audio[0]]
      if (!audio) throw new Error('no sound')
      const picture = new Times(video, await bytesOf(video.init))
      const sound = new Times(audio, await bytesOf(audio.init))
      const gaps = [0]
      const late = [0]
      for (let seek = 0; seek < SEEKS / NAMES.length; seek++) {
        const time = random.below(1000 * SECONDS) / 1000
        const n = Math.max(
          0,
          video.starts.findLastIndex((start) => start <= time),
        )
        gaps.push(...(await picture.gaps(n)), ...(await sound.gaps(n)))
        late.push(Math.abs((await sound.at(n)).start - (audio.starts[n] ?? 0)))
      }
      const worst = { seed: random.seed, gap: Math.max(...gaps), late: Math.max(...late) }
      if (SEEKS > 20) process.stdout.write(`${name}: ${JSON.stringify(worst)}\n`)
      expect(worst.gap).toBeLessThan(ROUNDED)
      expect(worst.late).toBeLessThan(FRAME)
    },
    120_000 + SEEKS * 5000,
  )
})
