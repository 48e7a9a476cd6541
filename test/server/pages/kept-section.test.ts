import { afterEach, describe, expect, test } from '@jest/globals'
import { readManifest } from '../../../addon/manifest.ts'
import type { KeptFacts } from '../../../server/pages/kept-section.ts'
import { createPages } from '../../../server/pages/pages.ts'
import { wordsIn } from '../../../server/words/install/words.ts'
import { type LoopbackServer, serveRouters } from '../../support/server/addon-server.ts'
import { kept, noExamples, posterTitles } from '../../support/server/kept-facts.ts'

let server: LoopbackServer
afterEach(() => server.close())

async function pageOf(facts: KeptFacts, language = 'en'): Promise<string> {
  const manifest = readManifest({ stremioAddonsConfig: undefined })
  server = await serveRouters((baseUrl) => [
    createPages({
      manifest,
      kept: facts,
      posterTitles,
      providers: [],
      baseUrl,
      ...noExamples,
    }),
  ])
  const headers = { 'Accept-Language': language }
  return (await fetch(`${server.base}/`, { headers })).text()
}

/** The install page's card, and what it would say without its markup. */
async function cardOf(
  facts: KeptFacts,
  language = 'en',
): Promise<{ markup: string; text: string }> {
  const page = await pageOf(facts, language)
  const [markup = ''] =
    /<section class="card" aria-labelledby="kept">[\s\S]*?<\/section>/.exec(page) ?? []
  return { markup, text: markup.replace(/<[^>]*>/g, '').replace(/\s+/g, ' ') }
}

const operatedBy = (operator: Partial<KeptFacts['operator']>): KeptFacts => ({
  ...kept,
  operator: { ...kept.operator, ...operator },
})

describe('what is kept', () => {
  test.each([
    [3600, '1 hour'],
    [5400, '90 minutes'],
    [604_800, '7 days'],
    [1, '1 second'],
  ])('a time of %i s is said as %s', async (ttlSeconds, time) => {
    const { text } = await cardOf({ ...kept, cache: { ttlSeconds, persistent: true } })
    expect(text).toContain(`Kept for ${time} after`)
    expect(text).not.toContain(wordsIn('en').kept.films.notPersistent)
  })

  test('in the language of the page', async () => {
    const { text } = await cardOf(kept, 'ru')
    expect(text).toContain('1 час')
    expect(text).toContain(wordsIn('ru').kept.films.notPersistent)
  })

  test.each(['full', 'short', 'off'] as const)(
    'with LOG_IP=%s what the log has of an address',
    async (logIp) => {
      const { text } = await cardOf({ ...kept, logIp })
      const { shown } = wordsIn('en').kept.address
      for (const [name, said] of Object.entries(shown))
        expect(text.includes(said)).toBe(name === logIp)
    },
  )
})

test.each([
  ['redirect', true],
  ['relay', false],
  ['cache', false],
] as const)('with DIRECT=%s says whether links show the viewer', async (direct, shows) => {
  const page = await pageOf({ ...kept, direct })
  expect(page.includes('sees\n    your address')).toBe(shows)
  expect(page.includes('not yours.</dd>')).toBe(!shows)
})

describe('who runs it', () => {
  test('is not said where nobody is named', async () => {
    const { markup } = await cardOf(kept)
    expect(markup).not.toContain('Who runs it<')
    expect(markup).not.toContain('href')
  })

  test('a name, a contact and an own policy', async () => {
    const { markup } = await cardOf(
      operatedBy({
        name: 'Kino <Nord>',
        contact: 'mailto:kino@films.example',
        privacyUrl: 'https://films.example/privacy?a=1&b="2"',
      }),
    )
    expect(markup).toContain('<dd>Kino &lt;Nord&gt; · <a href="mailto:kino@films.example"')
    expect(markup).toContain('>Contact</a>')
    expect(markup).toContain('href="https://films.example/privacy?a=1&amp;b=&quot;2&quot;"')
  })

  test('a contact alone is shown as it is', async () => {
    const { markup } = await cardOf(operatedBy({ contact: 'mailto:kino@films.example' }))
    expect(markup).toContain(
      '<dt>Contact</dt><dd><a href="mailto:kino@films.example" rel="noreferrer">kino@films.example</a>',
    )
  })
})
