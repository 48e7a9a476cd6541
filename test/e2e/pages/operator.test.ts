import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { startBrowser, type Viewer, type Window } from '../../support/clients/browser.ts'
import { begin, type Stream } from '../../support/server/request.ts'
import { openStage, type Stage } from '../../support/server/stage.ts'
import { KiB, MiB } from '../../support/swarm/payload.ts'
import { movie, playMovie } from '../../support/titles.ts'

const [WATCHED, WANTED] = ['tt9004001', 'tt9004002'] as const
/** From right to left: beside it nothing may change its place. */
const NAME = 'שלום.עולם (2006) 720p.mkv'

let stage: Stage<'watched' | 'wanted'>
let browser: Window
let viewer: Viewer
let watching: Stream

beforeAll(async () => {
  stage = await openStage({
    torrents: {
      watched: { name: 'Watched.2001.1080p.mkv', size: 24 * MiB, pieceLength: 256 * KiB },
      wanted: { name: NAME, size: 96 * KiB },
    },
    titles: ({ magnet }) => [
      movie(WATCHED, 'Watched', { magnet: magnet('watched') }),
      movie(WANTED, 'Wanted', { magnet: magnet('wanted') }),
    ],
  })
  await stage.seeder.rate(400_000)
  watching = await begin(stage.server.base + playMovie(WATCHED), { timeout: 300_000 })
  browser = await startBrowser()
  viewer = await browser.open(`${stage.server.base}/test-source-selection`, {
    viewport: { width: 360, height: 740 },
  })
})

afterAll(async () => {
  watching?.leave()
  await viewer?.close()
  await browser?.close()
  await stage?.end()
})

test('the operator has a film fetched, pins it, lets it go, forgets it, and stops a play', async () => {
  const { page } = viewer
  const rows = (list: string, name: string) => page.locator(`#${list} li`, { hasText: name })

  await rows('plays', 'Watched.2001').getByText('from the swarm').waitFor()
  await page.getByLabel('IMDb id or magnet link', { exact: true }).fill(WANTED)
  await page.getByLabel('Pin it when it is stored').check()
  await page.getByRole('button', { name: 'Add' }).click()
  const file = rows('files', NAME)
  await file.getByText('pinned').waitFor()
  await rows('ahead', WANTED).getByText('1 file stored').waitFor()

  await file.getByRole('button', { name: `Unpin: ${NAME}` }).click()
  await file.getByRole('button', { name: `Pin: ${NAME}` }).waitFor()
  await file.getByRole('button', { name: `Forget: ${NAME}` }).click()
  await file.waitFor({ state: 'detached' })

  await page.getByLabel('IMDb id or magnet link', { exact: true }).fill(WATCHED)
  await page.getByRole('button', { name: 'Add' }).click()
  const ahead = rows('ahead', WATCHED)
  await ahead.getByRole('button', { name: `Pause: ${WATCHED}` }).click()
  await ahead.getByText('paused').waitFor()
  await ahead.getByRole('button', { name: `Resume: ${WATCHED}` }).click()
  await ahead.getByText('is fetched').waitFor()

  await page.getByRole('button', { name: 'Stop: Watched.2001' }).click()
  await page.getByText('Nobody plays anything now.').waitFor()
  // Nothing sticks out to the side of a phone.
  expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(360)
  expect(viewer.complaints).toEqual([])
})

test('the settings in force are there to unfold, those that are set first', async () => {
  const { page } = viewer
  const rows = page.locator('#in-force li')
  await page.getByText('Settings in force').click()
  await rows.first().getByText('from the environment').waitFor()
  await rows.filter({ hasText: 'ADMIN_TOKEN (not set)' }).getByText('the default').waitFor()
  expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(360)
  await page.getByText('Settings in force').click()
  await rows.first().waitFor({ state: 'hidden' })
  expect(viewer.complaints).toEqual([])
})

test('the operator asks whether the setup is well, and reads what to mend first', async () => {
  const { page } = viewer
  await page.getByRole('button', { name: 'Look now' }).click()
  await page.getByText(/^Looked at \d+ things\.$/).waitFor()
  const rows = page.locator('#doctor li')
  const states = await rows.locator('.pill').allTextContents()
  const order = ['fault', 'warning', 'ok']
  expect(states.length).toBeGreaterThan(5)
  expect(states).toEqual(states.toSorted((a, b) => order.indexOf(a) - order.indexOf(b)))
  await rows.filter({ hasText: 'a Playlink serves on' }).waitFor()
  const faults = states.filter((state) => state === 'fault').length
  const verdict = await page.locator('#doctor-verdict').textContent()
  expect(verdict).toMatch(faults === 0 ? /^No fault$/ : new RegExp(`^${faults} faults?$`))
  expect(await page.getByRole('button', { name: 'Look now' }).isEnabled()).toBe(true)
  expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(360)
  expect(viewer.complaints).toEqual([])
})

test('it is folded, and asks for nothing then', async () => {
  const { page } = viewer
  await page.getByText('For the operator').click()
  await page.locator('#operator-lists').waitFor({ state: 'hidden' })
  const asked: string[] = []
  page.on('request', (request) => asked.push(new URL(request.url()).pathname))
  // Two beats of what it asks when it is open.
  await page.waitForTimeout(4500)
  expect(asked.filter((path) => /\/api\/(?:plays|downloads)$/.test(path))).toEqual([])
  await page.getByText('For the operator').click()
  await page.waitForRequest(/\/api\/plays$/)
})

test('every button is called by what is seen on it (WCAG 2.5.3)', async () => {
  const names = (await viewer.page.evaluate(
    "[...document.querySelectorAll('button, a.button')].filter((one) => one.checkVisibility()).map((one) => [one.innerText.trim(), one.getAttribute('aria-label')])",
  )) as [string, string | null][]
  expect(names.length).toBeGreaterThan(4)
  for (const [seen, label] of names) if (label !== null) expect(label).toContain(seen)
})

test('the words of the chart have room on a phone', async () => {
  const lefts = (await viewer.page.evaluate(
    "[...document.querySelectorAll('#chart text')].map((one) => one.getBoundingClientRect().left - document.getElementById('chart').getBoundingClientRect().left)",
  )) as number[]
  expect(lefts).toHaveLength(5)
  expect(Math.min(...lefts)).toBeGreaterThanOrEqual(0)
})
