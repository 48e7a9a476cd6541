import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals'
import type { Page } from 'playwright-core'
import { startBrowser, type Viewer, type Window } from '../../support/clients/browser.ts'
import { chaptersText } from '../../support/films/chapters.ts'
import { ffmpeg, makeFilm } from '../../support/films/make-film.ts'
import { type Playlink, startPlaylink } from '../../support/server/playlink.ts'
import { movie } from '../../support/titles.ts'
import { eventually } from '../../support/wait.ts'

const FILM = 'tt9003011'
const CHAPTERS = chaptersText([
  [0, 4, 'Previously'],
  [4, 14, 'Opening'],
  [14, 20, 'The harbour'],
])

let folder: string
let server: Playlink
let browser: Window
let viewer: Viewer | undefined

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'playlink-watch-'))
  const films = join(folder, 'films')
  await mkdir(films)
  await makeFilm(join(films, 'plain.mkv'), { seconds: 20, audio: ['-c:a', 'aac'] })
  await writeFile(join(films, 'chapters.txt'), CHAPTERS)
  const inputs = ['plain.mkv', 'chapters.txt'].flatMap((name) => ['-i', join(films, name)])
  await ffmpeg(...inputs, '-map', '0', '-map_chapters', '1', '-c', 'copy', join(films, 'film.mkv'))
  const CATALOGUE = join(folder, 'titles.json')
  const titles = [movie(FILM, 'A film', { path: './films/film.mkv' })]
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

/** The page with a film that can be jumped in. */
async function open(): Promise<Page> {
  viewer = await browser.open(`${server.base}/watch/movie/${FILM}/0`)
  const { page } = viewer
  await eventually('it plays', async () => Number(await of(page, 'currentTime')) > 0)
  await page.evaluate('document.querySelector("video").pause()')
  return page
}

const of = (page: Page, name: string): Promise<unknown> =>
  page.evaluate(`document.querySelector('video').${name}`)

const isAt = (page: Page, seconds: number): Promise<boolean> =>
  eventually(`it is at ${seconds} s`, async () => (await of(page, 'currentTime')) === seconds)

test('chapters: a menu that follows and jumps, and a button to skip what may be skipped', async () => {
  const page = await open()
  const menu = page.getByLabel('Chapter')
  expect(await menu.locator('option').allTextContents()).toEqual([
    'Previously',
    'Opening',
    'The harbour',
  ])
  await page.getByRole('button', { name: 'Skip recap' }).click()
  await isAt(page, 4)
  await page.getByRole('button', { name: 'Skip intro' }).waitFor()
  expect(await menu.inputValue()).toBe('1')
  await page.keyboard.press('s')
  await isAt(page, 14)
  await page.locator('#skip').waitFor({ state: 'hidden' })
  await eventually('the menu follows', async () => (await menu.inputValue()) === '2')
  await menu.selectOption('Opening')
  await isAt(page, 4)
  await page.getByRole('button', { name: 'Skip intro' }).waitFor()
  expect(viewer?.complaints).toEqual([])
})

test('the time bar tells which time the pointer is at, and whether that is here', async () => {
  const page = await open()
  const FIRST_PART = { stage: 'arriving', percent: 60, peers: 1, bytesPerSecond: 1, size: 1 }
  const pieces = Array.from({ length: 200 }, (_, n) => (n < 120 ? 255 : 0))
  await page.route('**/api/play-state/**', (route) =>
    route.fulfill({ json: { ...FIRST_PART, pieces } }),
  )
  // The browser has the first segment only; the fourth is cut by where the file ends that is here.
  await page.route(/video-[1-9]\.m4s/, () => undefined)
  await page.reload()
  await eventually('it plays', async () => Number(await of(page, 'currentTime')) > 0)
  await page.evaluate('document.querySelector("video").pause()')
  const bar = page.getByLabel('Time')
  const { x = 0, y = 0, width = 0 } = (await bar.boundingBox()) ?? {}
  const pointAt = (seconds: number) => page.mouse.move(x + 8 + ((width - 16) * seconds) / 20, y + 8)
  const place = page.locator('#place')
  for (const [seconds, words] of [
    [3, /^0:0[23] · Previously · here$/],
    [12, /^0:1[12] · Opening · partly here$/],
    [19, /^0:1[89] · The harbour · not here yet$/],
  ] as const) {
    await pointAt(seconds)
    await place.getByText(words).waitFor()
  }
  expect(await page.getByRole('img', { name: '60 % of the file is here' }).isVisible()).toBe(true)
  const before = await of(page, 'currentTime')
  await page.mouse.down()
  await pointAt(11)
  await place.getByText(/^0:1[01] · Opening/).waitFor()
  expect(await of(page, 'currentTime')).toBe(before)
  await page.mouse.up()
  await eventually(
    'it is there',
    async () => Math.abs(Number(await of(page, 'currentTime')) - 11) < 1,
  )
  await place.waitFor({ state: 'hidden' })
  await page.unroute('**/api/play-state/**')
  // A pointer that rests is told what became known since.
  const { promise: held, resolve: answer } = Promise.withResolvers<void>()
  await page.route('**/api/play-state/**', async (route) => {
    await held
    await route.continue()
  })
  await page.reload()
  await bar.waitFor()
  await pointAt(18)
  await pointAt(19)
  await place.getByText(/· The harbour$/).waitFor()
  answer()
  await place.getByText(/· here$/).waitFor()
  expect(await page.locator('#time .strip').isHidden()).toBe(true)
  await page.unrouteAll({ behavior: 'ignoreErrors' })
  expect(viewer?.complaints).toEqual([])
})

test('keys: they do what their list says, and leave menus alone', async () => {
  const page = await open()
  await page.keyboard.press('?')
  const list = page.getByRole('dialog', { name: 'Keys' })
  await list.getByText('To that tenth of the film').waitFor()
  await page.keyboard.press('m')
  expect(await of(page, 'muted')).toBe(false)
  await page.keyboard.press('Escape')
  await list.waitFor({ state: 'hidden' })
  await page.keyboard.press('m')
  expect(await of(page, 'muted')).toBe(true)
  await page.keyboard.press('ArrowDown')
  expect(await of(page, 'volume')).toBe(0.9)
  await page.keyboard.press('>')
  expect(await of(page, 'playbackRate')).toBe(1.25)
  expect(await page.getByLabel('Speed').inputValue()).toBe('1.25')
  await page.keyboard.press('0')
  await isAt(page, 0)
  await page.keyboard.press('ArrowRight')
  await isAt(page, 10)
  await page.keyboard.press('k')
  await eventually('it plays', async () => (await of(page, 'paused')) === false)
  await page.keyboard.press('f')
  await eventually('it fills the screen', () =>
    page.evaluate('document.fullscreenElement?.id === "picture"'),
  )
  await page.keyboard.press('f')
  await eventually('the page is back', () => page.evaluate('document.fullscreenElement === null'))
  await page.getByLabel('Speed').focus()
  await page.keyboard.press('m')
  expect(await of(page, 'muted')).toBe(true)
  await page.getByRole('button', { name: 'Keys' }).click()
  await list.waitFor()
  expect(viewer?.complaints).toEqual([])
})
