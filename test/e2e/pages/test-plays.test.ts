import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals'
import type { Page } from 'playwright-core'
import { startBrowser, type Viewer, type Window } from '../../support/clients/browser.ts'
import { startVideoSwarm, type VideoSwarm } from '../../support/clients/video.ts'
import { openStage, type Stage } from '../../support/server/stage.ts'
import { movie } from '../../support/titles.ts'

const [PLAYED, OTHER] = ['tt9008001', 'tt9008002'] as const
const TOKEN = 'correct-horse-battery-staple'
/** From right to left: beside it nothing may change its place. */
const HEBREW = 'שלום עולם'

let stage: Stage<'other'>
let swarm: VideoSwarm
let browser: Window
let viewer: Viewer

beforeAll(async () => {
  stage = await openStage({
    torrents: { other: { name: 'Other.2001.1080p.mkv', size: 90_000 } },
    titles: ({ magnet }) => [movie(OTHER, HEBREW, { magnet: magnet('other') })],
    env: { PLAY_TIMEOUT: '3' },
  })
  swarm = await startVideoSwarm(stage.folder, '127.0.0.14')
  await stage.writeCatalogue([
    movie(OTHER, HEBREW, { magnet: stage.magnet('other') }),
    movie(PLAYED, 'A film to be found', { magnet: swarm.magnet, quality: '360p' }),
  ])
  browser = await startBrowser()
})

afterEach(async () => {
  expect(viewer.complaints).toEqual([])
  await viewer.close()
})

afterAll(async () => {
  await browser?.close()
  await swarm?.close()
  await stage?.end()
})

async function open(base = stage.server.base): Promise<Page> {
  const viewport = { width: 360, height: 740 }
  viewer = await browser.open(`${base}/test-source-selection`, { viewport })
  await viewer.page.locator('#examples > li').first().waitFor()
  return viewer.page
}

const rows = (page: Page, label?: string) =>
  page.locator('#examples > li', label === undefined ? {} : { hasText: label })
const said = (page: Page, text: string | RegExp) =>
  page.locator('#search-said', { hasText: text }).waitFor()

async function find(page: Page, text: string): Promise<void> {
  await page.getByLabel('Title, IMDb id or magnet link').fill(text)
  await page.keyboard.press('Enter')
}

async function plays(page: Page, label: string): Promise<void> {
  const line = rows(page, label).first()
  await line.getByRole('button', { name: /^Play here: / }).click()
  await line.getByText(/^Played after/).waitFor()
  await line.getByRole('button', { name: /^Stop: / }).click()
}

test('a title is found by a part of its name and plays, and the offered ones come back', async () => {
  const page = await open()
  await rows(page, HEBREW).waitFor()
  await find(page, 'to BE found')
  await said(page, '1 source for to BE found')
  expect(await rows(page).count()).toBe(1)
  await plays(page, 'A film to be found, 360p')
  await page.getByRole('button', { name: 'All test plays' }).click()
  await rows(page, HEBREW).waitFor()
  expect(await page.evaluate('document.activeElement.id')).toBe('search-what')
  expect(await page.locator('#search-said').textContent()).toBe('')
})

test('a title is found by its id', async () => {
  const page = await open()
  await find(page, ` ${OTHER} `)
  await said(page, `1 source for ${OTHER}`)
  await rows(page, HEBREW).waitFor()
  expect(await page.locator('#search-said bdi').textContent()).toBe(OTHER)
})

test('of nothing found it is said what to do', async () => {
  const page = await open()
  await find(page, 'no such film')
  await said(page, /^Nothing is called “no such film”\. .*by its IMDb id\.$/)
  expect(await rows(page).count()).toBe(0)
  await find(page, 'tt9008999')
  await said(page, /^Nobody who was asked has a source for tt9008999\. Try again later/)
  // An empty field leads back.
  await find(page, '')
  await rows(page, HEBREW).waitFor()
})

test('a magnet link plays for an administrator; the torrent is a title of nobody else', async () => {
  const page = await open()
  const link = swarm.magnet.replace(/&dn=[^&]*/, '')
  await find(page, `${link}&dn=${encodeURIComponent(HEBREW)}`)
  await said(page, `1 source for ${HEBREW}`)
  const line = rows(page).first()
  const address = await line.getByRole('link', { name: /^Open: / }).getAttribute('href')
  expect(address).toMatch(/\/play\/movie\/tt97\d{8}\/0\?s=/)
  await line.getByRole('button', { name: /^Play here: / }).click()
  await line.getByText(/^Played after/).waitFor()
  expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(360)
})

test('a wrong link is refused with a reason, and one that nobody has is given up', async () => {
  const page = await open()
  await find(page, 'magnet:?dn=nothing')
  await said(page, /^Not done: The magnet link has no "xt=urn:btih:"/)
  expect(await page.locator('#search-said [lang="en"]').count()).toBe(1)
  await find(page, `magnet:?xt=urn:btih:${'ab'.repeat(20)}&dn=Nobody`)
  await said(page, 'Asking peers what is in Nobody …')
  await said(page, 'Not done: Nobody with this torrent was found in time')
  await rows(page, HEBREW).waitFor()
  expect(viewer.complaints.splice(0)).toEqual([
    expect.stringContaining('400'),
    expect.stringContaining('504'),
  ])
})

test('a look into a torrent can be stopped', async () => {
  const page = await open()
  await page.route('**/api/try', () => {})
  await find(page, `magnet:?xt=urn:btih:${'ab'.repeat(20)}&dn=Nobody`)
  await said(page, 'Asking peers what is in Nobody …')
  await page.getByRole('button', { name: 'Stop', exact: true }).click()
  await page.locator('#search-said:empty').waitFor({ state: 'attached' })
  expect(await page.getByLabel('Title, IMDb id or magnet link').inputValue()).toMatch(/^magnet:/)
})

test('strangers find by id, and are told whose links are', async () => {
  const guarded = await stage.another({ ADMIN_TOKEN: TOKEN })
  viewer = await browser.open(`${guarded.base}/test-source-selection`)
  const { page } = viewer
  await page.getByText('Its own titles are listed for administrators.').waitFor()
  await find(page, 'to be found')
  await said(page, /^Nothing is called “to be found”\./)
  await find(page, PLAYED)
  await said(page, `1 source for ${PLAYED}`)
  // The operator's name of it is the operator's.
  await rows(page, `${PLAYED}, 360p`).waitFor()
  await find(page, swarm.magnet)
  await said(page, /^Magnet links are for administrators\. .*ADMIN_TOKEN/)
  await page.getByLabel('Admin token').fill(TOKEN)
  await page.keyboard.press('Enter')
  await rows(page, HEBREW).waitFor()
  await find(page, swarm.magnet)
  await said(page, /^1 source for /)
  await plays(page, '.mp4')
})
