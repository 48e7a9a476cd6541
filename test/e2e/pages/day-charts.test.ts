import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import type { Page } from 'playwright-core'
import { figures, POINT_MS, POINTS } from '../../../server/admin/history-point.ts'
import { startBrowser, type Viewer, type Window } from '../../support/clients/browser.ts'
import { openStage, type Stage } from '../../support/server/stage.ts'
import { movie } from '../../support/titles.ts'

/** Where pictures go, for docs/pictures; without it they are made and thrown away. */
const KEPT = process.env.PLAYLINK_PICTURES
/** The server was away in the first quarter, and for an hour later. */
const isAway = (i: number): boolean => i < POINTS / 4 || (i >= 150 && i < 162)

let stage: Stage<'film'>
let browser: Window
let viewer: Viewer

beforeAll(async () => {
  stage = await openStage({
    torrents: { film: { name: 'Film.2001.mkv', size: 96 * 1024 } },
    titles: ({ magnet }) => [movie('tt9005001', 'Film', { magnet: magnet('film') })],
  })
  browser = await startBrowser()
  viewer = await browser.open(`${stage.server.base}/test-source-selection`, {
    viewport: { width: 360, height: 740 },
    timezoneId: 'UTC',
  })
})

afterAll(async () => {
  await viewer?.close()
  await browser?.close()
  await stage?.end()
})

const words = (page: Page, title: string) =>
  page.getByRole('img', { name: new RegExp(`^${title}, the last day`) }).getAttribute('aria-label')

/** Curves of a busy day, the same each time. */
function busyDay() {
  const wave = (i: number, most: number, shift = 0): number =>
    Math.round((most * (1 + Math.sin((i + shift) / 40))) / 2)
  const of = {
    playsRunning: (i: number) => wave(i, 9),
    sentBytesPerSecond: (i: number) => wave(i, 24e6),
    downloadsRunning: (i: number) => wave(i, 4, 30),
    downloadedBytesPerSecond: (i: number) => wave(i, 11e6, 30),
    diskUsedBytes: (i: number) => 2e9 + i * 8e6,
    evictedFiles: (i: number) => (i % 60 === 0 ? 3 : 0),
    firstByteMs: (i: number) => (i % 7 < 5 ? 20 + wave(i, 300) : null),
    conversionsRunning: (i: number) => wave(i, 2, 60),
    errors: (i: number) => (i === 100 || i === 200 ? 2 : 0),
  }
  const day = (value: (i: number) => number | null) =>
    Array.from({ length: POINTS }, (_, i) => (isAway(i) ? null : value(i)))
  return {
    everySeconds: POINT_MS / 1000,
    from: '2026-03-01T00:00:00.000Z',
    figures: Object.fromEntries(figures.map((name) => [name, day(of[name])])),
  }
}

test('the server’s own figures are drawn, and told to screen readers', async () => {
  const { page } = viewer
  await page.locator('#day canvas').nth(3).waitFor()
  expect(await words(page, 'Running')).toMatch(/plays: none in this day\. downloads: none/)
  expect(await words(page, 'First byte')).toMatch(/median: nothing yet\. errors: 0 in this day/)
  expect(viewer.complaints).toEqual([])
})

test.each([
  ['desktop', { width: 1280, height: 800 }, 'light'],
  ['desktop', { width: 1280, height: 800 }, 'dark'],
  ['phone', { width: 360, height: 740 }, 'dark'],
] as const)('a busy day on a %s: %o %s', async (name, viewport, colorScheme) => {
  const { page } = viewer
  await page.route('**/api/history', (route) => route.fulfill({ json: busyDay() }))
  await page.setViewportSize(viewport)
  await page.emulateMedia({ colorScheme })
  await page.reload()
  await page.locator('#day canvas').nth(3).waitFor()
  expect(await words(page, 'Running')).toContain('plays: 8 now, at most 9 at ')
  expect(await words(page, 'Disk')).toContain(
    'used: 4.3 GB now, at most 4.3 GB at 23:55. files evicted: 9',
  )
  expect(await words(page, 'First byte')).toContain('errors: 4 in this day')
  const card = page.locator('section', { has: page.locator('#day') })
  const picture = await card.screenshot(
    KEPT ? { path: join(KEPT, `day-${name}-${colorScheme}.png`) } : {},
  )
  expect(picture.length).toBeGreaterThan(10_000)
  expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(
    viewport.width,
  )
  expect(viewer.complaints).toEqual([])
})

test('under the pointer the legend tells of that moment, and of the day again without it', async () => {
  const { page } = viewer
  const plot = page.locator('#day .u-over').first()
  const legend = page.locator('#day .legend').first()
  await plot.hover()
  await legend.getByText(/^plays at \d\d:\d\d: \d$/).waitFor()
  await page.mouse.move(0, 0)
  await legend.getByText(/^plays: 8 now/).waitFor()
})

test('folded it asks for nothing, opened it asks at once', async () => {
  const { page } = viewer
  await page.getByText('For the operator').click()
  await page.locator('#day').waitFor({ state: 'hidden' })
  const asked = page.waitForRequest(/\/api\/history$/)
  await page.getByText('For the operator').click()
  await asked
})
