import { link, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals'
import type { BrowserContextOptions, Page } from 'playwright-core'
import { startBrowser, type Viewer, type Window } from '../../support/clients/browser.ts'
import { chaptersText } from '../../support/films/chapters.ts'
import { ffmpeg, makeFilm } from '../../support/films/make-film.ts'
import { type Playlink, startPlaylink } from '../../support/server/playlink.ts'
import { movie } from '../../support/titles.ts'
import { eventually } from '../../support/wait.ts'

const [SHOW, OLD] = ['tt9003031', 'tt9003032'] as const
/** Where pictures go, for docs/pictures; without it they are made and thrown away. */
const KEPT = process.env.PLAYLINK_PICTURES
const DESKTOP = { width: 1280, height: 1000 }
const PHONE = { width: 360, height: 740 }
const SECONDS = 24
const CHAPTERS = chaptersText([
  [0, 3, 'Previously'],
  [3, 10, 'Opening'],
  [10, 20, 'The harbour'],
  [20, SECONDS, 'Credits'],
])
const SPEED = { percent: 1, peers: 7, bytesPerSecond: 2.4e6, size: 1.9e9 }
const ARRIVING = { stage: 'arriving', ...SPEED, pieces: [] }

let folder: string
let server: Playlink
let browser: Window
let viewer: Viewer | undefined

async function makeEpisode(films: string): Promise<string> {
  const at = (name: string): string => join(films, name)
  await writeFile(at('chapters.txt'), CHAPTERS)
  await writeFile(at('words.srt'), '1\n00:00:00,000 --> 00:00:09,000\nWe have been here before.\n')
  const picture = `gradients=s=320x180:r=12:d=${SECONDS}:speed=0.02:seed=4:c0=0x101c38:c1=0xf0a050`
  const tone = `sine=440:sample_rate=48000:d=${SECONDS}`
  const inputs = ['-f', 'lavfi', '-i', picture, '-f', 'lavfi', '-i', tone]
  const files = ['chapters.txt', 'words.srt'].flatMap((name) => ['-i', at(name)])
  const maps = ['0:v', '1:a', '1:a', '3'].flatMap((map) => ['-map', map])
  const named = ['a:0 eng', 'a:1 fra', 's:0 eng'].flatMap((track) => {
    const [stream, language] = track.split(' ')
    return [`-metadata:s:${stream}`, `language=${language}`]
  })
  const video = ['-c:v', 'libx264', '-preset', 'ultrafast', '-g', '24', '-pix_fmt', 'yuv420p']
  const codecs = [...video, '-c:a', 'ac3', '-b:a', '96k', '-c:s', 'srt', '-map_chapters', '2']
  await ffmpeg(...inputs, ...files, ...maps, ...codecs, ...named, at('episode.mkv'))
  return at('episode.mkv')
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'playlink-looks-'))
  const films = join(folder, 'films')
  await mkdir(films)
  const made = await makeEpisode(films)
  const names = ['S01E04', 'S01E05'].map((mark) => `The.Show.${mark}.1080p.WEB.DD5.1.x264-GRP.mkv`)
  for (const name of names) await link(made, join(films, name))
  await makeFilm(join(films, 'An.Old.Film.1971.wmv'), { seconds: 2, audio: ['-c:a', 'wmav2'] })
  const [fourth, fifth] = names.map((name) => [{ path: `./films/${name}` }])
  const titles = [
    { id: SHOW, type: 'series', name: 'The Show', episodes: { '1:4': fourth, '1:5': fifth } },
    movie(OLD, 'An old film', { path: './films/An.Old.Film.1971.wmv' }),
  ]
  const CATALOGUE = join(folder, 'titles.json')
  await writeFile(CATALOGUE, JSON.stringify({ version: 1, titles }))
  const home = join(folder, 'home')
  await mkdir(home)
  server = await startPlaylink(home, { CATALOGUE })
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

async function open(path: string, options: BrowserContextOptions): Promise<Page> {
  viewer = await browser.open(`${server.base}/watch/${path}`, options)
  return viewer.page
}

/** The fourth episode, paused at a time. */
async function openAt(seconds: number, options: BrowserContextOptions): Promise<Page> {
  const page = await open(`series/${SHOW}/0/1/4`, options)
  await pauseAt(page, seconds)
  return page
}

async function pauseAt(page: Page, seconds: number, next = 'Next episode'): Promise<void> {
  const of = (code: string) => page.evaluate(`document.querySelector('video').${code}`)
  await eventually('it plays', async () => Number(await of('currentTime')) > 0)
  await of('pause()')
  await of(`currentTime = ${seconds}`)
  await eventually('it is there', async () => (await of('readyState')) !== 1)
  await page.getByRole('link', { name: next }).waitFor()
}

/** Nothing runs over the side. */
async function keep(page: Page, name: string): Promise<void> {
  const over = 'document.documentElement.scrollWidth - window.innerWidth'
  expect(await page.evaluate<number>(over)).toBeLessThanOrEqual(0)
  const path = KEPT && join(KEPT, `watch-${name}.png`)
  const picture = await page.screenshot({ fullPage: true, ...(path ? { path } : {}) })
  expect(picture.length).toBeGreaterThan(10_000)
}

test('on a phone, the next episode near the end: the box is on the picture', async () => {
  const page = await openAt(21, { viewport: PHONE, colorScheme: 'light' })
  const box = await page.getByRole('group', { name: 'Next episode' }).boundingBox()
  const picture = await page.locator('#picture').boundingBox()
  if (!box || !picture) throw new Error('no box')
  expect(box.x).toBeGreaterThanOrEqual(picture.x)
  expect(box.y + box.height).toBeLessThanOrEqual(picture.y + picture.height)
  await keep(page, 'phone-light')
})

test.each([
  ['de-DE', 'Nächste Folge', /^in \d+ s$/],
  ['ru-RU', 'Следующая серия', /^через \d+ с$/],
] as const)('in %s: the page, its controls and its keys', async (locale, coming, goesIn) => {
  const page = await open(`series/${SHOW}/0/1/4`, { viewport: PHONE, locale })
  await pauseAt(page, 21, coming)
  expect(await page.evaluate('document.documentElement.lang')).toBe(locale.slice(0, 2))
  await page.getByRole('group', { name: coming }).getByText(goesIn).waitFor()
  expect(await page.locator('#note').textContent()).not.toMatch(/The picture|your browser/i)
  await keep(page, `phone-${locale}`)
  await page.setViewportSize(DESKTOP)
  await keep(page, `desktop-${locale}`)
  await page.keyboard.press('?')
  await page.setViewportSize(PHONE)
  await keep(page, `keys-${locale}`)
})

const REASONS = {
  en: /^This file is neither/,
  de: /^Diese Datei ist weder/,
  es: /^Este archivo no es/,
  fr: /^Ce fichier n’est ni/,
  pt: /^Este ficheiro não é/,
  ru: /^Этот файл — не/,
}

/** Narrower than a phone, with everything that the page may show. */
test.each(['en', 'de', 'es', 'fr', 'pt', 'ru'] as const)(
  'in %s at 320 px: nothing runs over the side',
  async (locale) => {
    const page = await open(`movie/${OLD}/0`, { viewport: { width: 320, height: 640 }, locale })
    await page.locator('#note[data-tone="bad"]').waitFor()
    const showAll = "for (const one of document.querySelectorAll('[hidden]')) one.hidden = false"
    await page.evaluate(`${showAll}; document.getElementById('screen').dataset.state = ''`)
    await keep(page, `narrow-${locale}`)
    const box = await page.locator('#coming').boundingBox()
    expect(box?.x).toBeGreaterThanOrEqual(0)
    expect(await page.locator('#note').textContent()).toMatch(REASONS[locale])
  },
)

test('what is waited for', async () => {
  const page = await open(`movie/${OLD}/0`, { viewport: DESKTOP, colorScheme: 'light' })
  await page.route('**/film.json*', () => undefined)
  await page.route('**/api/play-state/**', (route) => route.fulfill({ json: ARRIVING }))
  await page.reload()
  await page.getByText(/^1 % of 1\.9 GB · 2\.4 MB\/s · 7 peers/).waitFor()
  await keep(page, 'desktop-waiting')
})

test('what is not played, and why', async () => {
  const page = await open(`movie/${OLD}/0`, { viewport: DESKTOP, colorScheme: 'light' })
  await page.getByText('This file is neither MKV, WebM, MP4, AVI nor TS').waitFor()
  await page.locator('#picture').waitFor({ state: 'hidden' })
  await keep(page, 'desktop-refused')
})
