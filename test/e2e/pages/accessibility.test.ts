import { cp, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import axe, { type AxeResults } from 'axe-core'
import type { Page } from 'playwright-core'
import { startBrowser, type Window } from '../../support/clients/browser.ts'
import { englishOn } from '../../support/clients/english-on.ts'
import { unfoldOperatorsPart } from '../../support/clients/operators-part.ts'
import { published } from '../../support/facts.ts'
import { ask, begin, type Stream } from '../../support/server/request.ts'
import { openStage, type Stage } from '../../support/server/stage.ts'
import { KiB, MiB } from '../../support/swarm/payload.ts'
import { movie, playMovie } from '../../support/titles.ts'

const SAMPLE = new URL('../../support/clients/film.mkv', import.meta.url).pathname
/** What arrives while it is watched; what is here; a film beside the catalogue; one of no kind of film. */
const [SLOW, HERE, OWN, ODD] = ['tt9007001', 'tt9007002', 'tt9007003', 'tt9007004'] as const
/** Level A and AA of WCAG 2.0, 2.1 and 2.2: what axe can tell of them. */
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']
/** Shown only when somebody asks for it. */
const TOKEN = 'correct-horse-battery-staple'

let stage: Stage<'slow' | 'here'>
let guarded: string
let browser: Window
let watching: Stream

beforeAll(async () => {
  stage = await openStage({
    torrents: {
      slow: { name: 'Slow.2001.1080p.mkv', size: 48 * MiB, pieceLength: 256 * KiB },
      here: { name: 'Here.2001.720p.mkv', size: MiB },
    },
    titles: ({ magnet }) => [
      movie(SLOW, 'Slow', { magnet: magnet('slow') }, { magnet: magnet('here') }),
      movie(HERE, 'Here', { magnet: magnet('here') }),
      movie(OWN, 'Own', { path: './own/film.mkv' }),
      movie(ODD, 'Odd', { path: './own/odd.avi' }),
    ],
    env: { RATE_LIMIT: 'on', CACHE_CLEANUP_INTERVAL: '3' },
  })
  const own = join(stage.catalogue, '../own')
  await mkdir(own)
  await cp(SAMPLE, join(own, 'film.mkv'))
  await cp(stage.catalogue, join(own, 'odd.avi'))
  const { base } = stage.server
  await ask(base + playMovie(HERE))
  await published(base, HERE)
  await stage.seeder.rate(130_000)
  watching = await begin(base + playMovie(SLOW), { timeout: 600_000 })
  guarded = (await stage.another({ ADMIN_TOKEN: TOKEN })).base
  browser = await startBrowser()
})

afterAll(async () => {
  watching?.leave()
  await browser?.close()
  await stage?.end()
})

/** An address, and what has to be there (or be done) before the page is looked at. */
type Row = readonly [
  what: string,
  path: string,
  ready?: (page: Page) => Promise<unknown>,
  locale?: string,
]

/** Nothing of it is in English, but what says so of itself. */
async function shownWhole(page: Page, language: 'de' | 'ru'): Promise<void> {
  await unfoldOperatorsPart(page, stage.server.base, HERE)
  await page.locator('#arrivals li').first().waitFor()
  await page.locator('#examples li').first().waitFor()
  await page.locator('#search-what').fill('nothing like it')
  await page.keyboard.press('Enter')
  await page.locator('#examples:empty').waitFor({ state: 'attached' })
  expect(await englishOn(page, language)).toEqual([])
}

const PAGES: readonly Row[] = [
  ['the install page', '/'],
  ['the form', '/configure', (page) => page.locator('#copy:not([hidden])').waitFor()],
  [
    'the form with its choices and languages open',
    '/v1~r.1080.720~l.de/configure',
    (page) => page.locator('summary').first().click(),
  ],
  ['the form for an address that is not understood', '/v9~broken/configure'],
  [
    'the status page while films arrive',
    '/test-source-selection',
    async (page) => {
      await page.locator('#arrivals li').first().waitFor()
      await page.locator('#plays li').first().waitFor()
      await page.locator('#files li').first().waitFor()
      await page.locator('#examples li').first().waitFor()
      await page.locator('#sweep-table').waitFor()
      await page.getByRole('button', { name: 'Look now' }).click()
      await page.getByText(/^Looked at/).waitFor()
    },
  ],
  [
    'the same in German, all that it can show',
    '/test-source-selection',
    (page) => shownWhole(page, 'de'),
    'de-DE',
  ],
  ['the same in Russian', '/test-source-selection', (page) => shownWhole(page, 'ru'), 'ru-RU'],
  [
    'a play on it',
    '/test-source-selection',
    async (page) => {
      const line = page.locator('#examples > li', { hasText: 'Here' }).first()
      await line.getByRole('button', { name: /^Play here: / }).click()
      await line.getByRole('button', { name: /^Stop: / }).waitFor()
      await line.locator('video').waitFor()
    },
  ],
  [
    'what was found on it',
    '/test-source-selection',
    async (page) => {
      await page.locator('#examples li').first().waitFor()
      await page.getByLabel('Title, IMDb id or magnet link').fill(HERE)
      await page.keyboard.press('Enter')
      await page.locator('#search-said', { hasText: `1 source for ${HERE}` }).waitFor()
    },
  ],
  [
    'its question before a cleanup',
    '/test-source-selection',
    async (page) => {
      await page.getByRole('button', { name: 'Force cleanup' }).click()
      await page.getByRole('button', { name: 'Remove them' }).waitFor()
    },
  ],
  ['a film', `/watch/movie/${OWN}/0`, (page) => page.getByText('.mkv').first().waitFor()],
  [
    'its list of keys',
    `/watch/movie/${OWN}/0`,
    async (page) => {
      await page.getByRole('button', { name: 'Keys' }).click()
      await page.getByRole('button', { name: 'Close' }).waitFor()
    },
  ],
  [
    'a film, in Russian',
    `/watch/movie/${OWN}/0`,
    async (page) => {
      await page.getByText('.mkv').first().waitFor()
      await page.getByRole('button', { name: 'Клавиши' }).click()
    },
    'ru-RU',
  ],
  [
    'a film that cannot be played',
    `/watch/movie/${ODD}/0`,
    (page) => page.locator('#note[data-tone="bad"]').waitFor(),
  ],
  [
    'the API, all of it unfolded',
    '/api',
    async (page) => {
      await page.locator('.command button:not([hidden])').first().waitFor({ state: 'attached' })
      await page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
    },
  ],
  ['nothing at an address', '/nothing/here'],
  [
    'the same, in German',
    '/nothing/here',
    (page) => page.getByText('Unter dieser Adresse ist nichts.').waitFor(),
    'de-DE',
  ],
  ['a play of a number that is not there', `/play/movie/${SLOW}/77`],
  ['an address that is none', '/play/movie/x/0'],
]

/** Colours do not depend on how wide a screen is: each of them is looked at once. */
const SCREENS = [
  ['desktop', { width: 1280, height: 800 }, 'light'],
  ['phone', { width: 360, height: 740 }, 'dark'],
] as const

/** What axe finds, a line each: the rule, how bad it is, and where. */
async function faultsOn(page: Page): Promise<string[]> {
  await page.evaluate(axe.source)
  const run = `axe.run(document, ${JSON.stringify({ runOnly: RULES, resultTypes: ['violations'] })})`
  const { violations, passes } = await page.evaluate<AxeResults>(run)
  expect(passes.length).toBeGreaterThan(5)
  return violations.flatMap(({ id, impact, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id} (${impact}) ${target}: ${failureSummary}`),
  )
}

/** As each of the screens shows it: one visit, for pages are the same to all of them. */
async function look(url: string, ready: Row[2], locale = 'en-GB'): Promise<string[]> {
  const options = { viewport: SCREENS[0][1], reducedMotion: 'reduce', locale } as const
  const { page, close } = await browser.open(url, options)
  try {
    await ready?.(page)
    const faults: string[] = []
    for (const [name, viewport, colorScheme] of SCREENS) {
      await page.setViewportSize(viewport)
      await page.emulateMedia({ colorScheme })
      const found = await faultsOn(page)
      faults.push(...found.map((fault) => `${name}, ${colorScheme}: ${fault}`))
    }
    return faults
  } finally {
    await close()
  }
}

test.each(PAGES)('%s: axe finds nothing', async (...[, path, ready, locale]) => {
  expect(await look(stage.server.base + path, ready, locale)).toEqual([])
})

test('the status page for strangers: axe finds nothing', async () => {
  const asks = (page: Page) => page.getByLabel('Admin token').waitFor()
  expect(await look(`${guarded}/test-source-selection`, asks)).toEqual([])
})

test('the same look at the status page in English finds it all in English', async () => {
  const { page, close } = await browser.open(`${stage.server.base}/test-source-selection`)
  await unfoldOperatorsPart(page, stage.server.base, HERE)
  expect((await englishOn(page, 'de')).length).toBeGreaterThan(150)
  await close()
})

test('it would find something', async () => {
  const viewer = await browser.open(`${stage.server.base}/`)
  await viewer.page.evaluate("document.body.insertAdjacentHTML('beforeend', '<img src=x>')")
  expect(await faultsOn(viewer.page)).toEqual([
    expect.stringMatching(/^image-alt \(critical\) img/),
  ])
  await viewer.close()
})
