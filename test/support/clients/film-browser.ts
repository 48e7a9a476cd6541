import { startBrowser } from './browser.ts'

/** A page that plays a film. */
export interface FilmPage {
  /** What a script of the page gives, or its promise: anything that JSON carries. */
  evaluate(expression: string): Promise<unknown>
  close(): Promise<void>
}

/** What tests ask of any browser; of Chromium they may ask more (browser.ts). */
export interface FilmBrowser {
  /** @param script runs in the page before its own */
  open(url: string, script: string): Promise<FilmPage>
  close(): Promise<void>
}

export async function startChromium(): Promise<FilmBrowser> {
  const browser = await startBrowser()
  return {
    async open(url, script) {
      const { page, close } = await browser.open(url, { script })
      return { evaluate: (expression) => page.evaluate(expression), close }
    },
    close: () => browser.close(),
  }
}
