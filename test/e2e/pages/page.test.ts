import { copyFile, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals'
import type { Page } from 'playwright-core'
import { startBrowser, type Viewer, type Window } from '../../support/clients/browser.ts'
import { film, startVideoSwarm, type VideoSwarm, videoPath } from '../../support/clients/video.ts'
import { ask, begin } from '../../support/server/request.ts'
import { openStage, type Stage } from '../../support/server/stage.ts'
import { streamManifest } from '../../support/stream-manifest.ts'
import { KiB, MiB } from '../../support/swarm/payload.ts'
import { movie, playMovie } from '../../support/titles.ts'
import { eventually } from '../../support/wait.ts'
import { startWeb, type Web } from '../../support/web.ts'

const [SLOW, LOCAL, SWARM, DIRECT, NOBODY] = [
  'tt9002001',
  'tt9002002',
  'tt9002003',
  'tt9002004',
  'tt9002005',
] as const
const SLOW_NAME = 'A.Slow.Arrival.2001.1080p.mkv'

let stage: Stage<'slow'>
let swarm: VideoSwarm
let web: Web
let browser: Window
let viewer: Viewer | undefined

beforeAll(async () => {
  const bytes = film()
  web = await startWeb((_req, res) => {
    res.writeHead(200, { 'Content-Type': 'video/mp4', 'Content-Length': bytes.length }).end(bytes)
  })
  let magnet = ''
  stage = await openStage({
    torrents: { slow: { name: SLOW_NAME, size: 6 * MiB, pieceLength: 64 * KiB } },
    titles: (links) => {
      magnet = links.magnet('slow')
      return [movie(SLOW, 'A slow arrival', { magnet })]
    },
    env: { PLAY_TIMEOUT: '3' },
  })
  swarm = await startVideoSwarm(stage.folder, '127.0.0.12')
  const folder = join(stage.catalogue, '..')
  await mkdir(join(folder, 'films'))
  await copyFile(videoPath, join(folder, 'films', 'film.mp4'))
  const nobody = `magnet:?xt=urn:btih:${'ab'.repeat(20)}&tr=${encodeURIComponent(stage.trackerUrl)}`
  await stage.writeCatalogue([
    movie(SLOW, 'A slow arrival', { magnet }),
    movie(LOCAL, 'On this server', { path: './films/film.mp4' }),
    movie(SWARM, 'From the swarm', { magnet: swarm.magnet }),
    movie(DIRECT, 'A direct link', { url: `${web.base}/film.mp4` }),
    movie(NOBODY, 'Nobody has it', { magnet: nobody }),
  ])
  await eventually('the new catalogue', async () => {
    const list = await ask(`${stage.server.base}/stream/movie/${NOBODY}.json`)
    return (list.json() as { streams: unknown[] }).streams.length > 0
  })
  browser = await startBrowser()
})

afterEach(async () => {
  expect(viewer?.complaints ?? []).toEqual([])
  await viewer?.close()
  viewer = undefined
})

afterAll(async () => {
  await browser?.close()
  await swarm?.close()
  await web?.close()
  await stage?.end()
})

async function open(...args: [Parameters<Window['open']>[1]?]): Promise<Page> {
  viewer = await browser.open(`${stage.server.base}/test-source-selection`, ...args)
  await viewer.page.getByText('All well').waitFor()
  return viewer.page
}

const row = (page: Page, label: string) => page.locator('#examples > li', { hasText: label })

/** Plays it in the page until its clock moves, and once more after a seek. */
async function playsAndSeeks(page: Page, label: string): Promise<void> {
  const line = row(page, label)
  await line.getByRole('button', { name: /^(Play here|Stop): / }).click()
  const video = line.locator('video')
  const at = () => video.evaluate((v) => (v as unknown as { currentTime: number }).currentTime)
  await eventually(`${label} plays`, async () => (await at()) > 0)
  await video.evaluate((v) => {
    ;(v as unknown as { currentTime: number }).currentTime = 7
  })
  await eventually(`${label} goes on after a seek`, async () => (await at()) > 7.05)
  await line.getByText(/^Played after/).waitFor()
  expect(await line.locator('.steps [data-state="done"]').count()).toBe(5)
}

test('limits for each address, and how often one was reached', async () => {
  const server = await stage.another({ RATE_LIMIT: 'on', LIMIT_LISTS: '1' })
  for (let i = 0; i < 3; i++) {
    await ask(`${server.base}/stream/movie/${LOCAL}.json`, { from: '127.0.0.2' })
  }
  viewer = await browser.open(`${server.base}/test-source-selection`)
  const { page } = viewer
  await page.getByText('1, reached 2 times').waitFor()
  const shares = await page.locator('#shares').textContent()
  expect(shares).toContain('Lists a minute1, reached 2 times')
  expect(shares).toContain('Plays at once32')
})

test('questions to providers, and which were held back', async () => {
  const addon = await startWeb((_req, res) => {
    res.end(JSON.stringify({ ...streamManifest, streams: [] }))
  })
  try {
    const server = await stage.another({
      UPSTREAM_ADDONS: `${addon.base}/manifest.json#upstream`,
      PROVIDER_REQUESTS: '10',
    })
    for (let n = 10; n < 22; n++) await ask(`${server.base}/stream/movie/tt80000${n}.json`)
    viewer = await browser.open(`${server.base}/test-source-selection`)
    const { page } = viewer
    await page.getByText(/[1-9]\d* held back/).waitFor()
    expect(await page.locator('#providers').textContent()).toMatch(/upstream\d+ answered, \d+ held/)
    await page.getByText('It never counts as a failure').waitFor()
  } finally {
    await addon.close()
  }
})

test('a provider that says no, and when it is asked again', async () => {
  const addon = await startWeb((req, res) => {
    if (req.url?.includes('/stream/')) res.writeHead(429, { 'Retry-After': '300' }).end()
    else res.end(JSON.stringify(streamManifest))
  })
  try {
    const server = await stage.another({ UPSTREAM_ADDONS: `${addon.base}/manifest.json#upstream` })
    viewer = await browser.open(`${server.base}/test-source-selection`)
    const said = viewer.page.getByText(/\d failed.*last answer 429, asked again in [1-5] min/)
    let title = 8_000_010
    // On a busy machine a list may end before its providers have answered.
    await eventually('it has said no', async () => {
      await ask(`${server.base}/stream/movie/tt${title++}.json`)
      return said.isVisible()
    })
  } finally {
    await addon.close()
  }
})

describe('test plays', () => {
  test.each([
    ['a file of this server', 'On this server'],
    ['a torrent', 'From the swarm'],
  ])('%s plays and seeks', async (_, label) => {
    await playsAndSeeks(await open(), label)
  })

  test('a direct link plays', async () => {
    const page = await open()
    const line = row(page, 'A direct link')
    await line.getByRole('button', { name: /^(Play here|Stop): / }).click()
    await line.getByText(/^Played after/).waitFor()
    expect(web.requests).toContain('GET /film.mp4')
    await line.getByRole('button', { name: /^(Play here|Stop): / }).click()
    expect(await page.locator('video').count()).toBe(0)
  })

  test('what nobody has says so, with the server’s own sentence', async () => {
    const page = await open()
    const line = row(page, 'Nobody has it')
    await line.getByRole('button', { name: /^(Play here|Stop): / }).click()
    await line.getByText('Asking peers what is in the torrent').waitFor()
    await line.getByText('This did not play: Nobody with this torrent was found').waitFor()
    expect(await line.locator('.steps [data-state="failed"]').textContent()).toBe('Metadata')
    expect(viewer?.complaints.splice(0)).toEqual([expect.stringContaining('504')])
  })

  test('the address can be copied', async () => {
    const page = await open({ permissions: ['clipboard-read', 'clipboard-write'] })
    await row(page, 'From the swarm').getByRole('button', { name: /^Copy/ }).click()
    await page.locator('#said', { hasText: 'Copied' }).waitFor({ state: 'attached' })
    const copied = await page.evaluate('navigator.clipboard.readText()')
    expect(copied).toMatch(new RegExp(`^${stage.server.base}/play/movie/${SWARM}/0\\?s=`))
  })
})

describe('live figures', () => {
  test('a download is shown with its pieces, moves and goes', async () => {
    const page = await open()
    await stage.seeder.rate(1_000_000)
    const film = await begin(stage.server.base + playMovie(SLOW))
    const download = page.locator('#arrivals li', { hasText: SLOW_NAME })
    await download.waitFor()
    const note = download.locator('.soft')
    const first = Number.parseInt((await note.textContent()) ?? '', 10)
    await eventually(
      'more of it',
      async () => Number.parseInt((await note.textContent()) ?? '', 10) > first,
    )
    expect(await note.textContent()).toMatch(/^\d+ % of 6\.3 MB · [\d.]+ [kM]?B\/s · 1 peer/)
    expect(await download.locator('canvas').evaluate((c) => Number(c.getAttribute('width')))).toBe(
      96,
    )
    await stage.seeder.rate(0)
    await film.rest()
    await download.waitFor({ state: 'detached' })
    await page.locator('#disk-figure', { hasText: 'of 5.0 GB' }).waitFor()
    expect(await page.locator('#chart rect').count()).toBeGreaterThan(0)
    expect(await page.locator('#starts li').first().textContent()).toMatch(/ms|s.*from/)
    expect(await page.locator('#starts [data-step=byte]').count()).toBeGreaterThan(0)
  })

  test('force cleanup asks first, keeps by default, then empties', async () => {
    await ask(stage.server.base + playMovie(SLOW))
    const page = await open()
    await page.locator('#files-figure', { hasNotText: /^0 / }).waitFor()
    await page.getByRole('button', { name: 'Force cleanup' }).click()
    await page.keyboard.press('Enter')
    await page.getByRole('dialog').waitFor({ state: 'hidden' })
    expect(await page.locator('#cleanup-result').textContent()).toBe('')
    await page.getByRole('button', { name: 'Force cleanup' }).click()
    await page.getByRole('button', { name: 'Remove them' }).click()
    await page.locator('#cleanup-result', { hasText: /^Removed \d+ files?, [\d.]+ MB/ }).waitFor()
    await page.locator('#files-figure', { hasText: /^0 of/ }).waitFor()
  })
})
