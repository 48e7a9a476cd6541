import type { Page } from 'playwright-core'

const GB = 1e9
const node = (name: string): string => name.repeat(16)

const cluster = {
  ...{ node: node('a'), version: '0.1.0', handedOver: 1, leases: 2 },
  others: [
    {
      node: node('b'),
      version: '0.1.0',
      state: 'there',
      freeBytes: GB,
      files: 3,
      bytes: GB,
      plays: 1,
    },
    {
      node: node('c'),
      version: '0.1.0',
      state: 'draining',
      freeBytes: GB,
      files: 1,
      bytes: GB,
      plays: 0,
    },
    {
      node: node('d'),
      version: '0.1.0',
      state: 'unreachable',
      freeBytes: 0,
      files: null,
      bytes: null,
      plays: null,
    },
  ],
  totals: { relayedBytes: GB, handedBytes: GB, leasesLost: 1, takeovers: 2, copies: 3 },
}
const providers = {
  providers: { upstream: { answered: 3, failed: 1, resting: 2, deferred: 4 } },
  troubles: { upstream: { status: 429, seconds: 90 } },
}
const limits = {
  figures: {
    lists: 60,
    searches: 5,
    states: 240,
    coldStarts: 30,
    streams: 32,
    live: 20,
    connections: 500,
  },
  reached: { lists: 2 },
}
const added = '2026-01-01T12:00:00.000Z'
const tokens = {
  tokens: [
    {
      name: 'ann',
      streams: { now: 1, max: 2 },
      dayBytes: GB,
      month: { bytes: GB, max: 5 * GB },
      added,
    },
    { name: 'bob', streams: { now: 0, max: 1 }, dayBytes: 0, month: null, added },
  ],
  moreTokens: 3,
}

async function lineOf(base: string): Promise<{ stats: object }> {
  const answer = await fetch(`${base}/api/live`)
  for await (const chunk of answer.body ?? []) {
    return JSON.parse(new TextDecoder().decode(chunk).split('\n')[0] ?? '')
  }
  throw new Error('api/live said nothing')
}

/**
 * Shows all that the operators' part of the status page can show: what a server of one node tells, and beside it
 * what clusters, providers, limits and tokens bring.
 * @param wanted what to download ahead
 */
export async function unfoldOperatorsPart(page: Page, base: string, wanted: string): Promise<void> {
  const line = await lineOf(base)
  const full = { ...line, ...providers, limits, stats: { ...line.stats, cluster } }
  // The stream ends with its line, so the page asks again each second.
  await page.route('**/api/live', (route) => route.fulfill({ body: `${JSON.stringify(full)}\n` }))
  await page.route('**/api/tokens', (route) => route.fulfill({ json: tokens }))
  await page.reload()
  for (const list of [
    'plays',
    'files',
    'tokens',
    'cluster-nodes',
    'shares',
    'providers',
    'sweep',
  ]) {
    await page.locator(`#${list} > *`).first().waitFor()
  }
  await page.locator('#day canvas').nth(3).waitFor()
  const add = async (text: string): Promise<void> => {
    await page.locator('#ahead-what').fill(text)
    await page.locator('#ahead-form button').click()
  }
  await add(wanted)
  await page.locator('#ahead > li').first().waitFor()
  await page.locator('#settings-card > summary').click()
  await page.locator('#in-force > li').first().waitFor()
  await page.locator('#doctor-run').click()
  await page.locator('#doctor-verdict').waitFor()
  await add('nothing that could be found')
  await page.locator('#operator-said [lang="en"]').waitFor()
}
