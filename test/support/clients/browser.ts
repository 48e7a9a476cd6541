import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core'

/** Debian's: with H.264, which the browsers that playwright brings do not play. */
const CHROMIUM = '/usr/bin/chromium'
const QUIET = ['--disable-background-networking', '--disable-component-update', '--disable-sync']

export interface Viewer {
  readonly page: Page
  /** What the browser complained of: errors of scripts, of the policy, of addresses that failed. */
  readonly complaints: string[]
  close(): Promise<void>
}

export interface Window {
  /** @param options `script` runs in the page before its own */
  open(url: string, options?: BrowserContextOptions & { script?: string }): Promise<Viewer>
  close(): Promise<void>
}

/** A headless browser; every viewer has a profile of its own. */
export async function startBrowser(): Promise<Window> {
  const browser: Browser = await chromium.launch({
    executablePath: CHROMIUM,
    args: [
      '--no-sandbox',
      '--no-first-run',
      '--autoplay-policy=no-user-gesture-required',
      ...QUIET,
    ],
  })
  return {
    async open(url, { script, ...options } = {}) {
      const context = await browser.newContext({ locale: 'en-GB', ...options })
      // Bounds a hang, no more: machines differ.
      context.setDefaultTimeout(60_000)
      const page = await context.newPage()
      if (script !== undefined) await page.addInitScript(script)
      const complaints: string[] = []
      page.on('pageerror', (error) => complaints.push(String(error)))
      page.on('console', (message) => {
        if (message.type() === 'error' || message.type() === 'warning') {
          complaints.push(message.text())
        }
      })
      await page.goto(url)
      return { page, complaints, close: () => context.close() }
    },
    close: () => browser.close(),
  }
}
