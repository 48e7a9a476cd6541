import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { formatAccessTokens, hashOfToken, newAccessToken } from '../../../common/access-tokens.ts'
import { startBrowser, type Viewer, type Window } from '../../support/clients/browser.ts'
import type { Playlink } from '../../support/server/playlink.ts'
import { ask, begin, type Stream } from '../../support/server/request.ts'
import { openStage, type Stage } from '../../support/server/stage.ts'
import { KiB, MiB } from '../../support/swarm/payload.ts'
import { movie, playMovie } from '../../support/titles.ts'

const [FILM, SHORT] = ['tt9006101', 'tt9006102'] as const
const ADMIN = 'correct-horse-battery-staple'
const [ann, bob] = [newAccessToken(), newAccessToken()]

let stage: Stage<'film' | 'short'>
let server: Playlink
let browser: Window
let viewer: Viewer
let watching: Stream

beforeAll(async () => {
  stage = await openStage({
    torrents: {
      film: { name: 'Film.2001.mkv', size: 24 * MiB, pieceLength: 256 * KiB },
      short: { name: 'Short.2001.mkv', size: 2_000_000 },
    },
    titles: ({ magnet }) => [
      movie(FILM, 'Film', { magnet: magnet('film') }),
      movie(SHORT, 'Short', { magnet: magnet('short') }),
    ],
  })
  const file = join(stage.folder, 'tokens.json')
  const added = '2026-01-01T12:00:00.000Z'
  const tokens = [
    { name: 'bob', sha256: hashOfToken(bob), streams: 1, added },
    { name: 'ann', sha256: hashOfToken(ann), streams: 2, monthlyBytes: 500e9, added },
  ]
  await writeFile(file, formatAccessTokens(tokens))
  server = await stage.another({ ACCESS_TOKENS: file, ADMIN_TOKEN: ADMIN })
  await ask(`${server.base}/t/${ann}${playMovie(SHORT)}`)
  await stage.seeder.rate(400_000)
  watching = await begin(`${server.base}/t/${ann}${playMovie(FILM)}`, { timeout: 300_000 })
  browser = await startBrowser()
  viewer = await browser.open(`${server.base}/test-source-selection`, {
    viewport: { width: 360, height: 740 },
  })
})

afterAll(async () => {
  watching?.leave()
  await viewer?.close()
  await browser?.close()
  await stage?.end()
})

test('strangers see nothing of tokens; the operator sees who uses what, and who plays', async () => {
  const { page } = viewer
  await page.getByText('Everybody sees sums.').waitFor()
  expect(await page.locator('#tokens-card').isHidden()).toBe(true)
  await page.getByLabel('Admin token').fill(ADMIN)
  await page.keyboard.press('Enter')
  const rows = page.locator('#tokens li')
  // Who plays is first.
  await rows
    .first()
    .getByText(/^1 of 2 films now · [2-9](\.\d)? MB today · .* of 500 GB this month/)
    .waitFor()
  expect(await rows.first().locator('.name').textContent()).toBe('ann')
  expect(await rows.last().textContent()).toMatch(
    /^bob0 of 1 film now · 0 B today · no limit of bytes/,
  )
  await page.locator('#plays li', { hasText: 'Film.2001' }).waitFor()
  const html = await page.content()
  for (const secret of [ann, bob, hashOfToken(ann)]) expect(html).not.toContain(secret)
  expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(360)
  expect(await page.getByLabel('Title, IMDb id or magnet link').isHidden()).toBe(true)
  // Films are for viewers, with their token in the address: asked for once as a stranger, once as the operator.
  await page.getByText('Films are listed for viewers').waitFor()
  expect(viewer.complaints).toEqual(Array(2).fill(expect.stringContaining('403')))
})

test('below the address of a viewer the operator gives orders, and a magnet link plays', async () => {
  const other = await browser.open(`${server.base}/t/${ann}/test-source-selection`)
  const { page } = other
  await page.getByLabel('Admin token').fill(ADMIN)
  await page.keyboard.press('Enter')
  await page.locator('#files li').first().waitFor()
  await page.getByLabel('Title, IMDb id or magnet link').fill(stage.magnet('short'))
  await page.keyboard.press('Enter')
  await page.locator('#search-said', { hasText: '1 source for' }).waitFor()
  const open = page.getByRole('link', { name: /^Open: / })
  const address = (await open.getAttribute('href')) ?? ''
  expect(address).toMatch(new RegExp(`^${server.base}/t/${ann}/play/movie/tt97`))
  expect((await ask(address)).status).toBe(200)
  expect(other.complaints).toEqual([])
  await other.close()
})
