import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { startChromium } from '../support/clients/film-browser.ts'
import { startFirefox } from '../support/clients/firefox.ts'
import { openKinds } from '../support/films/kinds.ts'
import { cells } from './cells.ts'
import { BROWSER_NAMES, BrowserTable } from './table.ts'

/** Every kind of film in every browser that is here: `npm run test:browsers`. */
const start = { Chromium: startChromium, Firefox: startFirefox }

const table = new BrowserTable()

describe.each(BROWSER_NAMES)('%s', (name) => {
  let films: Awaited<ReturnType<typeof openKinds>>
  beforeAll(async () => {
    films = await openKinds(
      cells.map(({ kind }) => kind),
      { BROWSER: 'video' },
      start[name],
    )
  })
  afterAll(async () => {
    if (process.env.BROWSERS === 'write') table.write()
    await films?.close()
  })

  test.each(cells.map((cell, n) => [cell.row.name, cell.sound, n, cell] as const))(
    '%s with %s: picture and sound',
    async (_row, _sound, n, cell) => {
      // What a browser's driver throws is of another realm: no Error of this one.
      const heard = await films.play(n).catch((error: unknown) => new Error(String(error)))
      table.note(name, cell, heard)
      if (heard instanceof Error) throw heard
      expect(heard.frames).toBeGreaterThan(0)
      expect(heard.loudest).toBeGreaterThanOrEqual(5)
    },
    600_000,
  )
})
