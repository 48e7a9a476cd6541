import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { readManifest } from '../../../addon/manifest.ts'
import { createConfigureRoutes } from '../../../server/pages/configure-routes.ts'
import { wordsIn } from '../../../server/words/install/words.ts'
import { type LoopbackServer, serveRouters } from '../../support/server/addon-server.ts'

const LANGUAGES = ['en', 'de', 'es', 'fr', 'pt', 'ru'] as const
const OTHERS = LANGUAGES.filter((language) => language !== 'en')

/** Every text in it, by its place. */
function textsOf(value: unknown, place = ''): [string, string][] {
  if (typeof value === 'string') return [[place, value]]
  if (typeof value === 'function') return [[place, String(value('NAME'))]]
  return Object.entries(value as object).flatMap(([name, part]) =>
    textsOf(part, `${place}/${name}`),
  )
}

const english = new Map(textsOf(wordsIn('en')))
/** Written alike in every language. */
const ALIKE = /\/resolution\/(?:2160|1440|1080|720)$/
const MARKS = /NAME|<\/?\w+>|p2p: false|HTTP\b|BitTorrent|Stremio Web|QR|MP4|WebM/g

test('the description is that of the manifest', () => {
  const { description } = readManifest({ stremioAddonsConfig: undefined })
  expect(wordsIn('en').install.description).toBe(description)
})

describe.each(OTHERS)('%s', (language) => {
  const texts = textsOf(wordsIn(language))

  test('says all that English says, in other words', () => {
    expect(texts.map(([place]) => place)).toEqual([...english.keys()])
    const alike = texts.filter(([place, text]) => text === english.get(place) && !ALIKE.test(place))
    // A word or two are the same in both.
    expect(alike.filter(([, text]) => text.includes(' '))).toEqual([])
    expect(alike.length).toBeLessThan(4)
  })

  test('keeps the names, the marks and what is code', () => {
    const marks = (text = '') => [...new Set(text.match(MARKS))].sort()
    for (const [place, text] of texts) {
      expect([place, marks(text)]).toEqual([place, marks(english.get(place))])
    }
  })
})

describe('the page', () => {
  let server: LoopbackServer
  beforeAll(async () => {
    const manifest = readManifest({ stremioAddonsConfig: undefined })
    server = await serveRouters((baseUrl) => [
      createConfigureRoutes({ manifest, providers: ['catalogue', 'archive'], baseUrl }),
    ])
  })
  afterAll(() => server.close())

  const get = (accept?: string, path = '/configure') =>
    fetch(server.base + path, {
      headers: accept === undefined ? {} : { 'Accept-Language': accept },
    })

  test.each([
    ['de-AT,de;q=0.9,en;q=0.8', 'de'],
    ['pt-BR', 'pt'],
    ['ja,es;q=0.5,fr;q=0.7', 'fr'],
    ['ja', 'en'],
    ['*', 'en'],
    ['de;q=0, en', 'en'],
    [', ;;q=x', 'en'],
    [undefined, 'en'],
  ] as const)('for "%s" is in %s', async (accept, language) => {
    const answer = await get(accept)
    expect(answer.status).toBe(200)
    expect(answer.headers.get('content-language')).toBe(language)
    expect(answer.headers.get('vary')).toContain('Accept-Language')
    const page = await answer.text()
    expect(page).toContain(`<html lang="${language}">`)
    expect(page).toContain(`<legend>${wordsIn(language).form.leaveOut}</legend>`)
  })

  test('says in it what is wrong with the form, and names languages in it', async () => {
    const page = await (await get('de', '/configure?chosen=1&size=many')).text()
    expect(page).toContain(wordsIn('de').configure.badSize)
    expect(page).toContain('Französisch')
  })
})
