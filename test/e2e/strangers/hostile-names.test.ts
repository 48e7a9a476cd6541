import type { RequestListener } from 'node:http'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { HOSTILE_FILES, HOSTILE_RELEASES } from '../../support/hostile-names.ts'
import { logLines } from '../../support/server/playlink.ts'
import { type Answer, ask } from '../../support/server/request.ts'
import { openStage, type Stage } from '../../support/server/stage.ts'
import { streamManifest } from '../../support/stream-manifest.ts'
import { sha256 } from '../../support/swarm/payload.ts'
import { playEpisode, playMovie, streamsOf } from '../../support/titles.ts'
import { eventually } from '../../support/wait.ts'
import { startWeb, type Web } from '../../support/web.ts'

const FILM = 'tt9002001'
const SHOW = 'tt9002002'
const LONE = 'tt9002003'
const LABELLED = 'tt9002004'
const NAME = 'Honest Film'
const EPISODE = 'The.Show.S01E07.720p.mkv'
const ROW = `${HOSTILE_FILES['a row of numbers']}`
const releases = Object.values(HOSTILE_RELEASES)
const escaped = (text: string): string => text.replaceAll('&', '&amp;')

interface Stream {
  readonly name: string
  readonly url: string
  readonly description: string
}

/** Before the worker each of these held the process for good. */
describe('names made to hang their parser', () => {
  let stage: Stage<'film' | 'pack' | 'lone'>
  let web: Web
  let base = ''

  const item = (title: string, n: number): string =>
    `<item><title>${escaped(title)}</title><guid>${n}</guid><enclosure url="${base}/film.torrent?${n}" length="9" type="application/x-bittorrent"/></item>`
  const rss = (year: number, words: string): string =>
    `<rss><channel>${[...releases, `Honest.Film.${year}.${words}`].map(item).join('')}</channel></rss>`

  const answer: RequestListener = (req, res) => {
    const { pathname, searchParams } = new URL(req.url ?? '', base)
    if (pathname.startsWith('/cinemeta/')) {
      return void res.end(JSON.stringify({ meta: { name: NAME, releaseInfo: '2001' } }))
    }
    if (pathname === '/torznab/api') {
      return void res.end(searchParams.get('t') === 'caps' ? '<caps/>' : rss(2001, '1080p'))
    }
    if (pathname === '/rss') return void res.end(rss(2001, '480p'))
    if (pathname === '/film.torrent') {
      return void res.end(stage.torrents.film.torrent({ announce: stage.trackerUrl }))
    }
    if (pathname === '/addon/manifest.json') {
      return void res.end(JSON.stringify(streamManifest))
    }
    if (pathname === `/addon/stream/movie/${FILM}.json`) {
      const url = (n: number): string => `https://media.example.org/${n}`
      const streams = releases.map((title, n) => ({
        url: url(n),
        title,
        behaviorHints: { filename: title },
      }))
      const honest = { url: url(99), title: 'Honest Film 720p' }
      return void res.end(JSON.stringify({ streams: [...streams, honest] }))
    }
    res.writeHead(404).end()
  }

  beforeAll(async () => {
    web = await startWeb(answer)
    base = web.base
    stage = await openStage({
      torrents: {
        film: { name: 'Honest.Film.2001.mp4', size: 200_000 },
        lone: { name: ROW, files: { [`${ROW}.mkv`]: 150_000 } },
        pack: {
          name: HOSTILE_FILES.commas ?? '',
          files: {
            [EPISODE]: 180_000,
            ...Object.fromEntries(
              Object.values(HOSTILE_FILES).map((name) => [
                `${name.replaceAll('\\', ',')}.mkv`,
                500,
              ]),
            ),
            'The.Show.S01E07.en.srt': 300,
            [`${ROW}.srt`]: 300,
          },
        },
      },
      titles: ({ magnet }) => [
        {
          id: SHOW,
          type: 'series',
          name: 'The Show',
          packs: [{ magnet: magnet('pack'), seasons: [1] }],
        },
        {
          id: LONE,
          type: 'series',
          name: 'Lone Show',
          episodes: { '1:1': [{ magnet: magnet('lone'), label: ROW }] },
        },
        {
          id: LABELLED,
          type: 'movie',
          name: 'Labelled',
          year: 2001,
          sources: [
            ...releases.map((label, n) => ({ url: `https://media.example.org/${n}.mp4`, label })),
            { magnet: magnet('film'), label: 'Labelled 1080p' },
          ],
        },
      ],
      env: {
        CINEMETA_URL: `${base}/cinemeta`,
        UPSTREAM_ADDONS: `${base}/addon/manifest.json#upstream`,
        TORZNAB: `${base}/torznab/api?apikey=x#indexer`,
        FEEDS: `${base}/rss#fed`,
      },
    })
    stage.own(() => web.close())
  })
  afterAll(() => stage.end())

  const told = (): number =>
    logLines(stage.server.log()).filter(({ msg }) => msg?.includes('took too long to read')).length

  /** Healthy answers that came between the first and the last name that a request told of. */
  let between = 0

  /** The answer, while /health is asked all the time. */
  async function meanwhileHealthy(path: string): Promise<Answer> {
    let done = false
    const answered = ask(stage.server.base + path).finally(() => {
      done = true
    })
    const before = told()
    const seen: number[] = []
    while (!done) {
      expect((await ask(`${stage.server.base}/health`)).status).toBe(200)
      seen.push(told())
    }
    const after = told()
    between += seen.filter((names) => names > before && names < after).length
    return answered
  }
  const streamsIn = (found: Answer): readonly Stream[] =>
    (found.json() as { streams: Stream[] }).streams

  test('offered by an indexer, an addon and a feed: the honest ones beside them are listed', async () => {
    const found = await meanwhileHealthy(streamsOf(FILM))
    expect(found.status).toBe(200)
    const wordsOf = (answer: Answer, provider: string): readonly string[] =>
      streamsIn(answer)
        .filter(({ description }) => description.includes(`From: ${provider}`))
        .map(({ name }) => name.split('\n')[1] ?? '')
    // On a busy machine some names are left for a later list.
    const list = await eventually('the honest ones', async () => {
      const answer = await ask(stage.server.base + streamsOf(FILM))
      const isThere = (provider: string) => wordsOf(answer, provider).length > 0
      return isThere('indexer') && isThere('fed') ? answer : undefined
    })
    const from = (provider: string): readonly string[] => wordsOf(list, provider)
    expect(from('indexer')).toEqual(['1080p'])
    expect(from('fed')).toEqual(['480p'])
    // What an addon names is listed, whatever its name.
    expect(from('upstream').filter((words) => words === '720p')).toEqual(['720p'])
    expect(from('upstream').length).toBe(releases.length + 1)
    expect(told()).toBeGreaterThan(0)
    // On a busy machine some names are left for a later list.
    await eventually('a list that tells of nothing new', async () => {
      const before = told()
      const again = await meanwhileHealthy(streamsOf(FILM))
      expect(streamsIn(again).length).toBe(streamsIn(list).length)
      return told() === before
    })
    const play = streamsIn(list).find(({ name }) => name.includes('1080p'))?.url ?? ''
    const { body } = await ask(play)
    expect(sha256(body)).toBe(sha256(stage.torrents.film.content))
  })

  test('in a catalogue: all are listed, and the honest one plays', async () => {
    const found = streamsIn(await meanwhileHealthy(streamsOf(LABELLED)))
    expect(found.filter(({ name }) => name.includes('1080p')).length).toBeGreaterThan(0)
    const { body } = await ask(stage.server.base + playMovie(LABELLED, releases.length))
    expect(sha256(body)).toBe(sha256(stage.torrents.film.content))
  })

  test('of a torrent’s only file: its provider is believed', async () => {
    const played = await meanwhileHealthy(playEpisode(LONE, 0, 1, 1))
    expect(played.status).toBe(200)
    expect(sha256(played.body)).toBe(sha256(stage.torrents.lone.content))
    const list = await meanwhileHealthy(`/stream/series/${LONE}:1:1.json`)
    expect(streamsIn(list).length).toBeGreaterThan(0)
  })

  test('of a pack, its files and subtitles: the honest episode beside them plays', async () => {
    const before = told()
    const played = await meanwhileHealthy(playEpisode(SHOW, 0, 1, 7))
    expect(played.status).toBe(200)
    const [episode] = stage.torrents.pack.files.filter(({ path }) => path === EPISODE)
    expect(sha256(played.body)).toBe(sha256(episode?.bytes ?? Buffer.alloc(0)))
    // Files are read by patterns that take no longer for such names.
    expect(told()).toBe(before)
    const [stream] = streamsIn(await meanwhileHealthy(`/stream/series/${SHOW}:1:7.json`))
    expect(stream).toHaveProperty('subtitles', [expect.objectContaining({ lang: 'eng' })])
    // An episode that is not in it: the films that they may be are looked for, once.
    expect((await meanwhileHealthy(playEpisode(SHOW, 0, 1, 8))).status).toBe(404)
    await eventually('a play that tells of nothing new', async () => {
      const known = told()
      expect((await meanwhileHealthy(playEpisode(SHOW, 0, 1, 8))).status).toBe(404)
      return told() === known
    })
  })

  test('all the while the server answered others', () => {
    // Were the loop held while names are read, no answer would lie between the first and the last.
    expect(between).toBeGreaterThan(0)
  })
})
