import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals'
import type { BrowserContextOptions, Page } from 'playwright-core'
import { readManifest } from '../../../addon/manifest.ts'
import { createPages } from '../../../server/pages/pages.ts'
import { startBrowser, type Viewer, type Window } from '../../support/clients/browser.ts'
import { type LoopbackServer, serveRouters } from '../../support/server/addon-server.ts'
import { kept, noExamples, posterTitles } from '../../support/server/kept-facts.ts'

/** Where pictures go, for docs/pictures; without it they are made and thrown away. */
const KEPT = process.env.PLAYLINK_PICTURES
const DESKTOP = { width: 1280, height: 800 }
const PHONE = { width: 360, height: 740 }
/** What the server calls itself; the browser is at its loopback address. */
const PUBLIC = 'https://films.example/tv'

let server: LoopbackServer
let browser: Window
let viewer: Viewer | undefined

beforeAll(async () => {
  const manifest = readManifest({ stremioAddonsConfig: undefined, catalogs: 'free' })
  const parts = {
    manifest,
    kept,
    posterTitles,
    providers: ['catalogue', 'archive.org'],
    ...noExamples,
  }
  server = await serveRouters((baseUrl) => [createPages({ ...parts, baseUrl })], PUBLIC)
  browser = await startBrowser()
})

afterEach(async () => {
  expect(viewer?.complaints ?? []).toEqual([])
  await viewer?.close()
  viewer = undefined
})

afterAll(async () => {
  await browser?.close()
  await server?.close()
})

async function open(path: string, options: BrowserContextOptions = {}): Promise<Page> {
  viewer = await browser.open(`${server.base}${path}`, options)
  return viewer.page
}

const address = (config: string) => `${PUBLIC}/${config}${config ? '/' : ''}manifest.json`
const addressIs = (page: Page, config: string) =>
  page.locator(`#manifest-url[value="${address(config)}"]`).waitFor()

describe('with scripts', () => {
  test('the address follows every tick, on this page and in the address bar', async () => {
    const page = await open('/')
    await page.getByRole('link', { name: 'Choose what it lists' }).click()
    await addressIs(page, '')
    // The script shows it: a tick before that is followed with the next one.
    await page.locator('#copy:not([hidden])').waitFor()
    await page.getByLabel('4K (2160p)').uncheck()
    await addressIs(page, 'v1~r.1440.1080.720.sd.unknown')
    await page.getByText('Any language').click()
    await page.getByLabel('German').check()
    await addressIs(page, 'v1~r.1440.1080.720.sd.unknown~l.de')
    expect(await page.locator('summary').textContent()).toBe('German')
    await page.getByLabel('Largest size in GB').fill('1.5')
    await page.keyboard.press('Enter')
    const whole = 'v1~r.1440.1080.720.sd.unknown~l.de~m.1500'
    await addressIs(page, whole)
    const install = page.getByRole('link', { name: 'Install in Stremio', exact: true })
    expect(await install.getAttribute('href')).toBe(address(whole).replace('https:', 'stremio:'))
    expect(new URL(page.url()).pathname).toBe(`/${whole}/configure`)
    await page.reload()
    await addressIs(page, whole)
    expect(await page.getByLabel('4K (2160p)').isChecked()).toBe(false)
    await page.getByLabel('4K (2160p)').check()
    await addressIs(page, 'v1~l.de~m.1500')
    await page.getByRole('link', { name: 'Start over' }).click()
    await addressIs(page, '')
    expect(new URL(page.url()).pathname).toBe('/configure')
  })

  test('a size that is none is said, and mended', async () => {
    const page = await open('/configure')
    await page.getByLabel('Largest size in GB').fill('lots')
    await page.keyboard.press('Enter')
    await page.getByText('must be a number of GB').waitFor()
    expect(new URL(page.url()).pathname).toBe('/configure')
    await page.getByLabel('Largest size in GB').fill('8')
    await page.keyboard.press('Enter')
    await addressIs(page, 'v1~m.8000')
    expect(await page.getByText('must be a number of GB').count()).toBe(0)
  })

  test('the address can be copied', async () => {
    const page = await open('/v1~h.direct/configure', {
      permissions: ['clipboard-read', 'clipboard-write'],
    })
    await page.getByRole('button', { name: 'Copy' }).click()
    await page.locator('#said', { hasText: 'Copied' }).waitFor({ state: 'attached' })
    expect(await page.evaluate('navigator.clipboard.readText()')).toBe(address('v1~h.direct'))
  })
})

test('without scripts the button leads to the page of what was chosen', async () => {
  const page = await open('/v1~r.1080/configure', { javaScriptEnabled: false, viewport: DESKTOP })
  await page.getByLabel('Direct links to other servers').check()
  await page.getByLabel('Internet Archive').uncheck()
  await page.getByLabel('Order of the list').selectOption('small')
  await page.getByRole('button', { name: 'Make my address' }).click()
  await addressIs(page, 'v1~r.1080~s.small~p.archive_2eorg~h.direct')
  expect(new URL(page.url()).hash).toBe('#install')
  expect(await page.getByRole('button', { name: 'Copy' }).count()).toBe(0)
})

describe('looks', () => {
  const CHOSEN = '/v1~r.1080.720~l.en.de~m.8000~h.camera/configure'

  test.each([
    ['configure-desktop-light', '/configure', DESKTOP, 'light'],
    ['configure-desktop-dark', CHOSEN, DESKTOP, 'dark'],
    ['configure-phone-light', CHOSEN, PHONE, 'light'],
    ['configure-phone-dark', '/v0~old/configure', { width: 320, height: 600 }, 'dark'],
    ['install-phone-light', '/', PHONE, 'light'],
  ] as const)('%s: nothing runs over the side', async (name, path, viewport, colorScheme) => {
    const page = await open(path, { viewport, colorScheme })
    const over = () =>
      page.evaluate<number>('document.documentElement.scrollWidth - window.innerWidth')
    expect(await over()).toBeLessThanOrEqual(0)
    const picture = await page.screenshot({
      fullPage: viewport === DESKTOP,
      ...(KEPT ? { path: join(KEPT, `${name}.png`) } : {}),
    })
    expect(picture.length).toBeGreaterThan(10_000)
    const languages = page.locator('summary')
    if ((await languages.count()) > 0) await languages.click()
    expect(await over()).toBeLessThanOrEqual(0)
  })

  test('every field has a name, and a finger has room', async () => {
    const page = await open('/configure', { viewport: PHONE })
    await page.locator('summary').click()
    const lacking = await page.evaluate<string[]>(`
      [...document.querySelectorAll('input:not([type="hidden"]), select, button, summary, a')]
        .filter((one) => !one.hidden && one.getClientRects().length > 0)
        .filter((one) => {
          const named = one.labels?.[0]?.textContent.trim() || one.textContent.trim()
          const places = [one, ...(one.labels ?? [])].map((place) => place.getBoundingClientRect())
          const height = Math.max(...places.map((place) => place.height))
          return !named || (height < 24 && !one.closest('p, footer'))
        })
        .map((one) => one.outerHTML)`)
    expect(lacking).toEqual([])
  })
})
