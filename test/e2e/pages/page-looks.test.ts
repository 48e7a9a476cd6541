import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals'
import type { Page } from 'playwright-core'
import { startBrowser, type Viewer, type Window } from '../../support/clients/browser.ts'
import { startVideoSwarm, type VideoSwarm } from '../../support/clients/video.ts'
import { published } from '../../support/facts.ts'
import { ask, begin, type Stream } from '../../support/server/request.ts'
import { openStage, type Stage } from '../../support/server/stage.ts'
import { KiB, MiB } from '../../support/swarm/payload.ts'
import { movie, playMovie } from '../../support/titles.ts'

const [BUNNY, SHORT, FILM] = ['tt9003001', 'tt9003002', 'tt9003003'] as const
const TOKEN = 'correct-horse-battery-staple'
/** Where pictures go, for docs/pictures; without it they are made and thrown away. */
const KEPT = process.env.PLAYLINK_PICTURES
const DESKTOP = { width: 1280, height: 800 }
const PHONE = { width: 360, height: 740 }

let stage: Stage<'bunny' | 'short'>
let swarm: VideoSwarm
let browser: Window
let watching: Stream
let seeking: Stream
let viewer: Viewer | undefined

beforeAll(async () => {
  stage = await openStage({
    torrents: {
      bunny: { name: 'Big.Buck.Bunny.2008.1080p.mkv', size: 48 * MiB, pieceLength: 256 * KiB },
      short: { name: 'Elephants.Dream.2006.720p.mkv', size: 3 * MiB },
    },
    titles: ({ magnet }) => [
      movie(BUNNY, 'Big Buck Bunny', { magnet: magnet('bunny') }),
      movie(SHORT, 'Elephants Dream', { magnet: magnet('short') }),
    ],
    // As an operator sees it, with the limits for each address on the page.
    env: { CACHE_MAX_DISK_MB: '120', CACHE_CLEANUP_INTERVAL: '3', RATE_LIMIT: 'on' },
  })
  swarm = await startVideoSwarm(stage.folder, '127.0.0.13')
  await swarm.seeder.rate(50_000)
  await ask(stage.server.base + playMovie(SHORT))
  await published(stage.server.base, SHORT)
  for (let i = 0; i < 12; i++) await ask(stage.server.base + playMovie(SHORT))
  await stage.writeCatalogue([
    movie(FILM, 'Playlink test film', { magnet: swarm.magnet, quality: '360p' }),
    movie(BUNNY, 'Big Buck Bunny', { magnet: stage.magnet('bunny'), quality: '1080p' }),
    movie(SHORT, 'Elephants Dream', { magnet: stage.magnet('short'), quality: '720p' }),
  ])
  // Four minutes of download: it still runs at the last picture, on a busy machine too.
  await stage.seeder.rate(130_000)
  watching = await begin(stage.server.base + playMovie(BUNNY), { timeout: 300_000 })
  // Another viewer further on, so that two stretches of the strip fill.
  seeking = await begin(stage.server.base + playMovie(BUNNY), {
    headers: { Range: `bytes=${28 * MiB}-` },
    timeout: 300_000,
  })
  browser = await startBrowser()
})

afterEach(async () => {
  expect(viewer?.complaints ?? []).toEqual([])
  await viewer?.close()
  viewer = undefined
})

afterAll(async () => {
  watching?.leave()
  seeking?.leave()
  await browser?.close()
  await swarm?.close()
  await stage?.end()
})

async function open(options: Parameters<Window['open']>[1], base = stage.server.base) {
  viewer = await browser.open(`${base}/test-source-selection`, options)
  await viewer.page.getByText('All well').waitFor()
  await viewer.page
    .locator('#examples-note', { hasNotText: 'Asking' })
    .waitFor({ state: 'attached' })
  return viewer.page
}

const overflow = (page: Page) =>
  page.evaluate<number>('document.documentElement.scrollWidth - window.innerWidth')

describe('looks', () => {
  test.each([
    ['desktop', DESKTOP, 'light'],
    ['desktop', DESKTOP, 'dark'],
    ['phone', PHONE, 'light'],
    ['phone', PHONE, 'dark'],
  ] as const)('%s %o %s: nothing runs over the side', async (name, viewport, colorScheme) => {
    const page = await open({ viewport, colorScheme })
    await page.locator('#arrivals li').first().waitFor()
    const line = page.locator('#examples > li', { hasText: 'Playlink test film' }).first()
    await line.getByRole('button', { name: /^(Play here|Stop): / }).click()
    await line.getByText(/^Played after/).waitFor()
    expect(await overflow(page)).toBeLessThanOrEqual(0)
    const picture = await page.screenshot({
      fullPage: name === 'desktop',
      ...(KEPT ? { path: join(KEPT, `page-${name}-${colorScheme}.png`) } : {}),
    })
    expect(picture.length).toBeGreaterThan(10_000)
    const ground = await page.evaluate<string>('getComputedStyle(document.body).backgroundColor')
    const [red = 0] = (ground.match(/\d+/g) ?? []).map(Number)
    expect(red < 128).toBe(colorScheme === 'dark')
  })

  test.each([
    ['de-DE', 'Alles in Ordnung', /^(Hier abspielen|Anhalten): /, /^Läuft nach/],
    ['es-ES', 'Todo bien', /^(Reproducir aquí|Detener): /, /^Empezó en/],
    ['fr-FR', 'Tout va bien', /^(Lire ici|Arrêter): /, /^Lu après/],
    ['pt-PT', 'Tudo bem', /^(Reproduzir aqui|Parar): /, /^Começou após/],
    ['ru-RU', 'Всё в порядке', /^(Играть здесь|Остановить): /, /^Заиграло через/],
  ] as const)('in %s, on a phone and on a desktop', async (locale, well, button, played) => {
    viewer = await browser.open(`${stage.server.base}/test-source-selection`, {
      viewport: { ...PHONE, width: 320 },
      locale,
    })
    const { page } = viewer
    await page.getByText(well).waitFor()
    await page.locator('#arrivals li').first().waitFor()
    const line = page.locator('#examples > li', { hasText: 'Playlink test film' }).first()
    await line.getByRole('button', { name: button }).click()
    await line.getByText(played).waitFor()
    expect(await page.evaluate('document.documentElement.lang')).toBe(locale.slice(0, 2))
    for (const viewport of [{ ...PHONE, width: 320 }, DESKTOP]) {
      await page.setViewportSize(viewport)
      expect(await overflow(page)).toBeLessThanOrEqual(0)
      const path = KEPT && join(KEPT, `page-${viewport.width}-${locale}.png`)
      await page.screenshot({ fullPage: true, ...(path ? { path } : {}) })
    }
  })

  test('320 px wide: still nothing', async () => {
    const page = await open({ viewport: { width: 320, height: 600 } })
    expect(await overflow(page)).toBeLessThanOrEqual(0)
    // A finger needs room: WCAG 2.2, 2.5.8 asks for 24 px.
    const small = await page.locator('button:visible, a.button:visible').evaluateAll(
      (all) =>
        all.filter((one) => {
          const box = (
            one as unknown as { getBoundingClientRect(): { height: number } }
          ).getBoundingClientRect()
          return box.height < 24
        }).length,
    )
    expect(small).toBe(0)
  })
})

test('everything by keyboard', async () => {
  const page = await open({ viewport: DESKTOP })
  const focused = () =>
    page.evaluate<string>(
      "document.activeElement.getAttribute('aria-label') ?? document.activeElement.textContent",
    )
  const tabTo = async (wanted: RegExp): Promise<void> => {
    for (let i = 0; i < 60; i++) {
      await page.keyboard.press('Tab')
      if (wanted.test((await focused()).trim())) return
    }
    throw new Error(`no Tab leads to ${wanted}`)
  }
  await tabTo(/^Play here: Playlink test film/)
  await page.keyboard.press('Space')
  await page.getByText(/^Played after/).waitFor()
  await page.keyboard.press('Space')
  await page.locator('video').waitFor({ state: 'detached' })
  await tabTo(/^Force cleanup$/)
  await page.keyboard.press('Enter')
  expect((await focused()).trim()).toBe('Keep them')
  await page.keyboard.press('Escape')
  await page.getByRole('dialog').waitFor({ state: 'hidden' })
  expect(await page.locator('#cleanup-result').textContent()).toBe('')
  await page.keyboard.press('Enter')
  await page.keyboard.press('Tab')
  expect((await focused()).trim()).toBe('Remove them')
  await page.keyboard.press('Enter')
  await page.locator('#cleanup-result', { hasText: /in use (?:was|were) kept/ }).waitFor()
  expect((await focused()).trim()).toBe('Force cleanup')
})

describe('with ADMIN_TOKEN', () => {
  const bunny = (page: Page) => page.getByText('Big.Buck.Bunny.2008.1080p.mkv')

  test('strangers see sums; the token opens names, lives in this tab, and is forgotten', async () => {
    const guarded = await stage.another({ ADMIN_TOKEN: TOKEN })
    const play = await begin(guarded.base + playMovie(BUNNY), { timeout: 300_000 })
    const page = await open({ viewport: PHONE }, guarded.base)
    await page.getByText('1 of 16 running, 0 waiting').waitFor()
    await page.getByText('Its own titles are listed for administrators.').waitFor()
    expect(await bunny(page).count()).toBe(0)
    expect(await page.locator('#examples').textContent()).not.toContain('Playlink test film, 360p')
    expect(await page.getByRole('button', { name: 'Force cleanup' }).isVisible()).toBe(false)

    await page.getByLabel('Admin token').fill('not-the-right-token')
    await page.keyboard.press('Enter')
    await page.getByText('The server refused this token.').waitFor()
    expect(viewer?.complaints.splice(0).join()).toMatch(/401/)

    await page.getByLabel('Admin token').fill(TOKEN)
    await page.keyboard.press('Enter')
    await bunny(page).first().waitFor()
    await page.getByText('Playlink test film, 360p').waitFor()
    expect(await page.evaluate<number>('localStorage.length + document.cookie.length')).toBe(0)
    await page.reload()
    await bunny(page).first().waitFor()
    await page.getByRole('button', { name: 'Forget the token' }).click()
    await page.getByText('Sums only').waitFor()
    expect(await bunny(page).count()).toBe(0)
    play.leave()
  })
})

test('a server that stops ends the page’s stream at once, and the page says so', async () => {
  const other = await stage.another({ SHUTDOWN_GRACE: '300' })
  const page = await open({ viewport: PHONE }, other.base)
  // It does not wait for the grace: stop() would not.
  await other.stop()
  await page.getByText('No answer').waitFor()
  expect(viewer?.complaints.splice(0).join()).toMatch(/ERR_CONNECTION_REFUSED/)
})
