import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals'
import type { Page } from 'playwright-core'
import { startBrowser, type Viewer, type Window } from '../../support/clients/browser.ts'
import { LOUDNESS } from '../../support/clients/loudness.ts'
import { ffmpeg, makeFilm } from '../../support/films/make-film.ts'
import { ask } from '../../support/server/request.ts'
import { openStage, type Stage } from '../../support/server/stage.ts'
import { movie } from '../../support/titles.ts'
import { eventually } from '../../support/wait.ts'

const SECONDS = 20
const AC3 = ['-c:a', 'ac3', '-b:a', '96k']
const [FILM, OPEN, TRACKS, NO_KIND] = ['tt9003001', 'tt9003002', 'tt9003004', 'tt9003003'] as const
const WORDS = '1\n00:00:00,500 --> 00:00:09,000\nWhat they say\n'

let stage: Stage<never>
let browser: Window
let viewer: Viewer | undefined

beforeAll(async () => {
  stage = await openStage({
    titles: () => [movie(FILM, 'A film', { path: './films/film.mkv' })],
  })
  const folder = join(stage.catalogue, '..', 'films')
  await mkdir(folder)
  await makeFilm(join(folder, 'film.mkv'), { seconds: SECONDS, audio: AC3 })
  await writeFile(join(folder, 'words.srt'), WORDS)
  const inputs = ['film.mkv', 'film.mkv', 'words.srt'].flatMap((name) => ['-i', join(folder, name)])
  const maps = ['0:v', '0:a', '1:a', '2'].flatMap((map) => ['-map', map])
  const named = ['a:0 fra', 'a:1 deu', 's:0 swe'].flatMap((track) => {
    const [stream, language] = track.split(' ')
    return [`-metadata:s:${stream}`, `language=${language}`]
  })
  await ffmpeg(...inputs, ...maps, '-c', 'copy', ...named, join(folder, 'tracks.mkv'))
  await writeFile(join(folder, 'film.fr.srt'), WORDS.replace('What they say', 'Ce qu’ils disent'))
  await writeFile(join(folder, 'film.de.srt'), WORDS.replace('What they say', 'Was sie sagen'))
  const plain = ['-c:a', 'aac', '-movflags', '+faststart']
  await makeFilm(join(folder, 'film.mp4'), { seconds: SECONDS, audio: plain })
  await makeFilm(join(folder, 'film.avi'), { seconds: 2, audio: AC3 })
  await stage.writeCatalogue([
    movie(FILM, 'A film', { path: './films/film.mkv' }),
    movie(OPEN, 'An open film', { path: './films/film.mp4' }),
    movie(TRACKS, 'Two tongues', { path: './films/tracks.mkv' }),
    movie(NO_KIND, 'Of an old kind', { path: './films/film.avi' }),
  ])
  await eventually('the new catalogue', async () => {
    const list = await ask(`${stage.server.base}/stream/movie/${NO_KIND}.json`)
    return (list.json() as { streams: unknown[] }).streams.length > 0
  })
  browser = await startBrowser()
})

afterEach(async () => {
  await viewer?.close()
  viewer = undefined
})

afterAll(async () => {
  await browser?.close()
  await stage?.end()
})

async function open(id: string): Promise<Page> {
  viewer = await browser.open(`${stage.server.base}/watch/movie/${id}/0`)
  return viewer.page
}

interface Seen {
  readonly frames: number
  readonly audioBytes: number
  readonly at: number
}

/** What the browser itself counts of the film. */
const seen = (page: Page): Promise<Seen> =>
  page.locator('video').evaluate((element) => {
    const video = element as unknown as {
      getVideoPlaybackQuality(): { totalVideoFrames: number }
      webkitAudioDecodedByteCount: number
      currentTime: number
    }
    return {
      frames: video.getVideoPlaybackQuality().totalVideoFrames,
      audioBytes: video.webkitAudioDecodedByteCount,
      at: video.currentTime,
    }
  })

test('Matroska with AC-3 plays with picture and sound, also after a jump', async () => {
  const page = await open(FILM)
  await eventually('it plays', async () => (await seen(page)).at > 0.5)
  const first = await seen(page)
  expect(first.frames).toBeGreaterThan(0)
  expect(first.audioBytes).toBeGreaterThan(0)
  expect(await page.evaluate(LOUDNESS)).toBeGreaterThanOrEqual(5)
  await page.locator('video').evaluate((video) => {
    ;(video as unknown as { currentTime: number }).currentTime = 14
  })
  await eventually('it goes on', async () => (await seen(page)).at > 14.3)
  expect((await seen(page)).frames).toBeGreaterThan(first.frames)
  await page.getByText('the sound (AC-3) is converted for your browser').waitFor()
  expect(viewer?.complaints).toEqual([])
})

test('what the browser plays itself is played as it is', async () => {
  const page = await open(OPEN)
  await eventually('it plays', async () => (await seen(page)).at > 0.2)
  await page.getByText('Your browser plays this file as it is.').waitFor()
  const source = await page.locator('video').getAttribute('src')
  expect(source).toBe(`${stage.server.base}/play/movie/${OPEN}/0`)
  expect(viewer?.complaints).toEqual([])
})

test('another track of sound, and subtitles within the file', async () => {
  const page = await open(TRACKS)
  await eventually('it plays', async () => (await seen(page)).at > 0.2)
  const sound = page.getByLabel('Sound')
  expect(await sound.locator('option').allTextContents()).toEqual(['French', 'German'])
  await sound.selectOption('German')
  const before = (await seen(page)).at
  await eventually('it goes on', async () => (await seen(page)).at > before + 0.5)
  const subtitles = page.getByLabel('Subtitles')
  expect(await subtitles.locator('option').allTextContents()).toEqual(['Off', 'Swedish'])
  await subtitles.selectOption('Swedish')
  await shown(page, 'What they say')
  expect(viewer?.complaints).toEqual([])
})

/** Resolves when that is what the browser would show at its time. */
const shown = (page: Page, words: string): Promise<void> =>
  eventually(`${words} is shown`, () =>
    page.evaluate(`[...document.querySelector('video').textTracks].some(
      ({ mode, cues }) => mode === 'showing' && [...(cues ?? [])].some(({ text }) => text === '${words}'),
    )`),
  )

test('subtitles within a film that is played are on its stream, for apps too', async () => {
  const list = await ask(`${stage.server.base}/subtitles/movie/${TRACKS}/filename=tracks.mkv.json`)
  const [track] = (list.json() as { subtitles: { url: string; lang: string }[] }).subtitles
  expect(track).toMatchObject({ lang: 'swe', url: expect.stringContaining('/embedded-') })
  expect((await ask(track?.url ?? '')).body.toString()).toContain(
    '00:00:00.500 --> 00:00:09.000\nWhat they say',
  )
  const { streams } = (await ask(`${stage.server.base}/stream/movie/${TRACKS}.json`)).json() as {
    streams: { subtitles?: unknown }[]
  }
  expect(streams.map(({ subtitles }) => subtitles)).toContainEqual([track])
})

describe('subtitle files beside the film', () => {
  test.each([
    ['as it is', OPEN],
    ['in segments', FILM],
  ])('of one that plays %s: a choice is kept', async (_, id) => {
    const page = await open(id)
    const menu = page.getByLabel('Subtitles')
    await menu.getByText('French').waitFor({ state: 'attached' })
    expect(await menu.locator('option').allTextContents()).toEqual(['Off', 'German', 'French'])
    expect(await menu.inputValue()).toBe('-1')
    await menu.selectOption('French')
    await shown(page, 'Ce qu’ils disent')
    await page.reload()
    await shown(page, 'Ce qu’ils disent')
    expect(await menu.evaluate('document.querySelector("#texts").selectedOptions[0].text')).toBe(
      'French',
    )
    await menu.selectOption('Off')
    await page.reload()
    await menu.getByText('French').waitFor({ state: 'attached' })
    expect(await menu.inputValue()).toBe('-1')
    expect(viewer?.complaints).toEqual([])
  })

  test('who does not understand the sound gets a language of the browser', async () => {
    const url = `${stage.server.base}/watch/movie/${TRACKS}/0`
    viewer = await browser.open(url, { locale: 'sv-SE' })
    await shown(viewer.page, 'What they say')
    await viewer.close()
    // French is spoken.
    viewer = await browser.open(url, { locale: 'fr-CA' })
    await viewer.page.getByLabel('Sous-titres').getByText('Suédois').waitFor({ state: 'attached' })
    expect(await viewer.page.getByLabel('Sous-titres').inputValue()).toBe('-1')
  })
})

test('what cannot be made ready ends with a sentence', async () => {
  const page = await open(NO_KIND)
  await page.getByText('is of a kind that no browser plays, and this server encodes none').waitFor()
  await page.locator('video').waitFor({ state: 'hidden' })
})

test('opening the address of a play leads to the page', async () => {
  viewer = await browser.open(`${stage.server.base}/play/movie/${FILM}/0`)
  await viewer.page.waitForURL(`${stage.server.base}/watch/movie/${FILM}/0`)
  await viewer.page.getByRole('heading', { name: 'film.mkv' }).waitFor()
})

test('other players are opened with a playlist of it', async () => {
  const page = await open(FILM)
  await page.getByRole('heading', { name: 'film.mkv' }).waitFor()
  const [saved] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('link', { name: 'Open in VLC or mpv' }).click(),
  ])
  expect(saved.suggestedFilename()).toBe('film.mkv.m3u')
  const url = `${stage.server.base}/play/movie/${FILM}/0`
  expect(await readFile(await saved.path(), 'utf8')).toBe(`#EXTM3U\n#EXTINF:-1,film.mkv\n${url}\n`)
})

test('on a phone nothing is wider than the screen', async () => {
  const size = { width: 360, height: 740 }
  viewer = await browser.open(`${stage.server.base}/watch/movie/${FILM}/0`, { viewport: size })
  const { page } = viewer
  await page.getByRole('heading', { name: 'film.mkv' }).waitFor()
  expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(360)
})
