import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { startChromium } from '../support/clients/film-browser.ts'
import { startFirefox } from '../support/clients/firefox.ts'
import { openKinds } from '../support/films/kinds.ts'
import { cells } from './cells.ts'
import { BrowserTable } from './table.ts'

/** Every kind of film in every browser that is here: `npm run test:browsers`. */
const BROWSERS = [
  { name: 'Chromium', start: startChromium },
  { name: 'Firefox', start: startFirefox },
] as const

const table = new BrowserTable()

describe.each(BROWSERS)('$name', ({ name, start }) => {
  let films: Awaited<ReturnType<typeof openKinds>>
  beforeAll(async () => {
    films = await openKinds(
      cells.map(({ kind }) => kind),
      { BROWSER: 'video' },
      start,
    )
  })
  afterAll(async () => {
    if (process.env.BROWSERS === 'write') table.write()
    await films?.close()
  })

  test.each(cells.map((cell, n) => [cell.row.name, cell.sound, n] as const))(
    '%s with %s: picture and sound',
    async (row, sound, n) => {
      // What a browser's driver throws is of another realm: no Error of this one.
      const heard = await films.play(n).catch((error: unknown) => new Error(String(error)))
      table.note(name, row, sound, heard)
      if (heard instanceof Error) throw heard
      expect(heard.frames).toBeGreaterThan(0)
      expect(heard.loudest).toBeGreaterThanOrEqual(5)
    },
    600_000,
  )
})
