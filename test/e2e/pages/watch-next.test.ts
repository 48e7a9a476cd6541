import { link, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals'
import type { Page } from 'playwright-core'
import { formatAccessTokens, hashOfToken, newAccessToken } from '../../../common/access-tokens.ts'
import { startBrowser, type Viewer, type Window } from '../../support/clients/browser.ts'
import { errorCode } from '../../support/facts.ts'
import { chaptersText } from '../../support/films/chapters.ts'
import { ffmpeg, makeFilm } from '../../support/films/make-film.ts'
import { type Playlink, startPlaylink } from '../../support/server/playlink.ts'
import { ask } from '../../support/server/request.ts'
import { movie } from '../../support/titles.ts'
import { eventually } from '../../support/wait.ts'

const SHOW = 'tt9003021'
const MOVIE = 'tt9003022'
const SECONDS = 24
const CREDITS = 13
const EPISODES = ['1:1', '1:2', '2:1', '2:2']
/** Of each episode, in the order of their numbers. */
const KINDS = ['1080p.WEB-DL.x265-GRP', '720p.WEB-DL.x264-GRP']

let folder: string
let server: Playlink
/** With the token of a viewer in it. */
let base: string
let browser: Window
let viewer: Viewer | undefined

const markOf = (episode: string): string => {
  const [s = '', e = ''] = episode.split(':')
  return `S${s.padStart(2, '0')}E${e.padStart(2, '0')}`
}

/** Sound in French and German, subtitles in Swedish; the last chapter is the credits. */
async function makeEpisode(films: string): Promise<string> {
  const at = (name: string): string => join(films, name)
  await makeFilm(at('plain.mkv'), { seconds: SECONDS, audio: ['-c:a', 'aac'] })
  await writeFile(at('words.srt'), '1\n00:00:00,000 --> 00:00:23,000\nWhat they say\n')
  const chapters = chaptersText([
    [0, CREDITS, 'Opening credits'],
    [CREDITS, SECONDS, 'Credits'],
  ])
  await writeFile(at('chapters.txt'), chapters)
  const files = ['plain.mkv', 'plain.mkv', 'words.srt', 'chapters.txt']
  const maps = ['0:v', '0:a', '1:a', '2'].flatMap((map) => ['-map', map])
  const named = ['a:0 fra', 'a:1 deu', 's:0 swe'].flatMap((track) => {
    const [stream, language] = track.split(' ')
    return [`-metadata:s:${stream}`, `language=${language}`]
  })
  const inputs = files.flatMap((name) => ['-i', at(name)])
  await ffmpeg(
    ...[...inputs, ...maps, '-map_chapters', '3', '-c', 'copy', ...named],
    at('episode.mkv'),
  )
  return at('episode.mkv')
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'playlink-next-'))
  const films = join(folder, 'films')
  await mkdir(films)
  const film = await makeEpisode(films)
  const namesOf = (episode: string): string[] =>
    KINDS.map((kind) => `The.Show.${markOf(episode)}.${kind}.mkv`)
  for (const name of EPISODES.flatMap(namesOf)) await link(film, join(films, name))
  const CATALOGUE = join(folder, 'titles.json')
  const sourcesOf = (name: string) => ({ path: `./films/${name}` })
  const episodes = Object.fromEntries(
    EPISODES.map((episode) => [episode, namesOf(episode).map(sourcesOf)]),
  )
  const titles = [
    { id: SHOW, type: 'series', name: 'The Show', episodes },
    movie(MOVIE, 'A film', sourcesOf('episode.mkv')),
  ]
  await writeFile(CATALOGUE, JSON.stringify({ version: 1, titles }))
  const token = newAccessToken()
  const ACCESS_TOKENS = join(folder, 'tokens.json')
  const known = { name: 'viewer', sha256: hashOfToken(token), streams: 5, added: '2026-01-01' }
  await writeFile(ACCESS_TOKENS, formatAccessTokens([known]), { mode: 0o600 })
  const home = join(folder, 'home')
  await mkdir(home)
  server = await startPlaylink(home, { CATALOGUE, ACCESS_TOKENS })
  base = `${server.base}/t/${token}`
  browser = await startBrowser()
})

afterEach(async () => {
  await viewer?.close()
  viewer = undefined
})

afterAll(async () => {
  await browser?.close()
  await server?.stop()
  await rm(folder, { recursive: true, force: true })
})

const of = (page: Page, name: string): Promise<unknown> =>
  page.evaluate(`document.querySelector('video').${name}`)

const set = (page: Page, code: string): Promise<unknown> =>
  page.evaluate(`{ const video = document.querySelector('video'); ${code} }`)

/** An episode that plays; the number is that of its source. */
async function open(episode: string, number = 1): Promise<Page> {
  const path = `watch/series/${SHOW}/${number}/${episode.replace(':', '/')}`
  viewer = await browser.open(`${base}/${path}`)
  await plays(viewer.page)
  return viewer.page
}

const plays = (page: Page): Promise<unknown> =>
  eventually('it plays', async () => Number(await of(page, 'currentTime')) > 0)

/** The page of that source of an episode, by its path. */
const isWatching = (page: Page, episode: string, number = 1): Promise<void> =>
  page.waitForURL((url) =>
    `${url}`.startsWith(`${base}/watch/series/${SHOW}/${number}/${episode.replace(':', '/')}?s=`),
  )

describe('GET /api/next', () => {
  const get = (path: string) => ask(`${base}/api/next/${path}`)
  const nextOf = async (path: string) =>
    ((await get(path)).json() as { next: { url: string; season: number; episode: number } }).next

  test.each([
    [0, '1/1', '1:2'],
    [1, '1/1', '1:2'],
    [1, '1/2', '2:1'],
  ])('source %s of %s goes on in its kind of release', async (number, after, episode) => {
    const answer = await nextOf(`series/${SHOW}/${number}/${after}`)
    const [season, number2] = episode.split(':').map(Number)
    expect(answer).toEqual({ season, episode: number2, url: expect.any(String) })
    const url = new URL(answer.url, `${base}/api/next/series/${SHOW}/${number}/${after}`)
    expect(`${url}`).toMatch(`${base}/watch/series/${SHOW}/${number}/${season}/${number2}?s=`)
    expect((await ask(`${url}`)).status).toBe(200)
  })

  test('null after the last one, and for a film', async () => {
    expect(await nextOf(`series/${SHOW}/0/2/2`)).toBeNull()
    expect(await nextOf(`movie/${MOVIE}/0`)).toBeNull()
  })

  test.each([
    ['series/nothing/0/1/1', 'BAD_IMDB_ID'],
    [`series/${SHOW}/auto/1/1`, 'BAD_FILE_INDEX'],
    [`series/${SHOW}/0/1`, 'BAD_EPISODE'],
    [`series/${SHOW}/0/1/1?s=x`, 'BAD_SOURCE_KEY'],
  ])('%s is refused: %s', async (path, code) => {
    const answer = await get(path)
    expect([answer.status, errorCode(answer.body)]).toEqual([400, code])
  })

  test('without a token nothing is told', async () => {
    const answer = await ask(`${server.base}/api/next/series/${SHOW}/0/1/1`)
    expect(errorCode(answer.body)).toBe('TOKEN_MISSING')
  })
})

test('a button and a key lead on, in the same kind of release, with the languages that were chosen', async () => {
  const page = await open('1:1')
  await page.getByLabel('Sound').selectOption('German')
  await page.getByLabel('Subtitles').selectOption('Swedish')
  await page.getByRole('link', { name: 'Next episode' }).click()
  await isWatching(page, '1:2')
  await plays(page)
  const chosen = (id: string) =>
    page.evaluate(`document.querySelector('#${id}').selectedOptions[0].text`)
  await eventually('the sound is German', async () => (await chosen('tracks')) === 'German')
  await eventually('Swedish is shown', async () => (await chosen('texts')) === 'Swedish')
  await page.getByRole('link', { name: 'Next episode' }).waitFor()
  await page.keyboard.press('n')
  await isWatching(page, '2:1')
  await page.keyboard.press('?')
  await page.getByRole('dialog', { name: 'Keys' }).getByText('The next episode').waitFor()
  expect(viewer?.complaints).toEqual([])
})

test('near the end it is offered, may be refused, and comes by itself', async () => {
  const page = await open('1:2')
  const box = page.getByRole('group', { name: 'Next episode' })
  await set(page, 'video.pause(); video.currentTime = 5')
  await page.getByRole('link', { name: 'Next episode' }).waitFor()
  await box.waitFor({ state: 'hidden' })
  // The credits are all that is left: ten seconds to stay.
  await set(page, `video.currentTime = ${CREDITS}`)
  await box.getByText('Season 2, episode 1').waitFor()
  await box.getByText('in 10 s').waitFor()
  await box.getByRole('button', { name: 'Stay here' }).click()
  await box.waitFor({ state: 'hidden' })
  await set(page, 'video.currentTime = 23; video.play()')
  await eventually('it ends where it is', async () => (await of(page, 'ended')) === true)
  expect(page.url()).toContain('/1/2')
  await set(page, 'video.currentTime = 5')
  await set(page, `video.playbackRate = 4; video.currentTime = ${CREDITS}; video.play()`)
  await isWatching(page, '2:1')
  await plays(page)
  await page.getByRole('link', { name: 'Next episode' }).waitFor()
  await set(page, 'video.currentTime = 23')
  await isWatching(page, '2:2')
  expect(viewer?.complaints).toEqual([])
})

test('after the last one there is nothing to lead to', async () => {
  const page = await open('2:2')
  await page.waitForLoadState('networkidle')
  await set(page, 'video.currentTime = 23')
  await eventually('it ends', async () => (await of(page, 'ended')) === true)
  expect(await page.locator('#next').isHidden()).toBe(true)
  expect(await page.locator('#coming').isHidden()).toBe(true)
})
