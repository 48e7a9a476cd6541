import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { readManifest } from '../../../addon/manifest.ts'
import { withAdvice } from '../../../common/faults/what-to-do.ts'
import { errorPage } from '../../../server/http/error-page.ts'
import { escaped, type Html } from '../../../server/markup/html.ts'
import { createConfigureRoutes } from '../../../server/pages/configure-routes.ts'
import { createPages } from '../../../server/pages/pages.ts'
import { createWatchRoutes } from '../../../server/pages/watch-routes.ts'
import { wordsIn } from '../../../server/words/install/words.ts'
import type { Language } from '../../../server/words/languages.ts'
import { operatorIn } from '../../../server/words/operator/words.ts'
import { progressIn } from '../../../server/words/progress/words.ts'
import { refusalFrameIn, refusalIn, refusalsIn } from '../../../server/words/refusals/words.ts'
import { statusIn } from '../../../server/words/status/words.ts'
import { watchIn } from '../../../server/words/watch/words.ts'
import { filesOf, read } from '../../docs/project-files.ts'
import { type LoopbackServer, serveRouters } from '../../support/server/addon-server.ts'
import { kept, noExamples, posterTitles } from '../../support/server/kept-facts.ts'

const LANGUAGES = ['en', 'de', 'es', 'fr', 'pt', 'ru'] as const
const OTHERS = LANGUAGES.filter((language) => language !== 'en')

/** All that pages say in a language. */
const saidIn = (language: Language) => ({
  install: wordsIn(language),
  progress: progressIn(language),
  watch: watchIn(language),
  status: statusIn(language),
  operator: operatorIn(language),
  refusals: refusalsIn(language).codes,
  refusalFrame: refusalFrameIn(language),
})

type Text = [place: string, text: string]

/** Texts that scripts choose from by a number: `other` stands for them. */
const isCounted = (value: object): value is { readonly other: string } =>
  'other' in value && Object.keys(value).every((key) => /^(?:one|two|few|many|other)$/.test(key))

/** Every text in it, by its place. */
function textsOf(value: unknown, place = ''): Text[] {
  if (typeof value === 'string') return [[place, value]]
  if (typeof value === 'function') return [[place, String(value('NAME'))]]
  if (isCounted(value as object)) return [[place, (value as { other: string }).other]]
  return Object.entries(value as object).flatMap(([name, part]) =>
    textsOf(part, `${place}/${name}`),
  )
}

function countedOf(value: unknown, place = ''): [string, Record<string, string>][] {
  if (typeof value !== 'object' || value === null) return []
  if (isCounted(value)) return [[place, { ...value }]]
  return Object.entries(value).flatMap(([name, part]) => countedOf(part, `${place}/${name}`))
}

const english = new Map(textsOf(saidIn('en')))
/** Written alike in every language: kinds of pictures, units, and the names of keys. */
const ALIKE = /\/resolution\/(?:2160|1440|1080|720)$|\/units\/|^\/watch\/keys\/\w+\/0$/
const MARKS =
  /NAME|\{\w+\}|<\/?\w+>|p2p: false|HTTP\b|BitTorrent|Stremio Web|QR|MP4|WebM|VLC|[A-Z]+_[A-Z_]+/g

test('the description is that of the manifest', () => {
  const { description } = readManifest({ stremioAddonsConfig: undefined })
  expect(wordsIn('en').install.description).toBe(description)
})

describe.each(OTHERS)('%s', (language) => {
  const texts = textsOf(saidIn(language))

  test('says all that English says, in other words', () => {
    expect(texts.map(([place]) => place)).toEqual([...english.keys()])
    const alike = texts.filter(([place, text]) => text === english.get(place) && !ALIKE.test(place))
    // A word or two are the same in both.
    expect(alike.filter(([, text]) => /[a-z] [a-z]/i.test(text))).toEqual([])
    expect(alike.length).toBeLessThan(texts.length / 30)
  })

  test('keeps the names, the marks and what is code', () => {
    const marks = (text = '') => [...new Set(text.match(MARKS))].sort()
    for (const [place, text] of texts) {
      expect([place, marks(text)]).toEqual([place, marks(english.get(place))])
    }
  })
})

test.each(LANGUAGES)('%s has a form for every number', (language) => {
  const rules = new Intl.PluralRules(language)
  const wanted = new Set(Array.from({ length: 200 }, (_, n) => rules.select(n)))
  const counted = countedOf(saidIn(language))
  expect(counted.length).toBeGreaterThan(1)
  for (const [place, forms] of counted) {
    for (const form of [...wanted, 'other']) expect([place, forms]).toHaveProperty(`1.${form}`)
    // Of one it may be said in a word, where the form is of nothing else.
    const others = Object.entries(forms).filter(([form]) => form !== 'one' || language === 'ru')
    for (const [, text] of others) expect(text).toContain('{n}')
  }
})

/** Sentences of refusals that are more exact than their codes, as the code of these rooms has them. */
const exactOf = (pattern: string, before: RegExp): string[] =>
  filesOf(pattern)
    .map(read)
    .flatMap((code) => [...code.matchAll(before)].map(([, text = '']) => text))

test('every reason not to make a film ready is there in every language', () => {
  const said = new Set([
    ...exactOf('media/**/*.ts', /new Unplayable\(\s*'([^']+)'/g),
    ...exactOf('{media,player/browser}/**/*.ts', /'((?:The|This) [^']{20,}\.)'/g),
  ])
  expect(said.size).toBeGreaterThan(10)
  for (const language of OTHERS) {
    const { films } = refusalsIn(language)
    expect([...said].filter((text) => !(text in films))).toEqual([])
    expect(Object.keys(films)).toEqual(Object.keys(refusalsIn('de').films))
    for (const text of said) {
      const [what] = refusalIn(language, { code: 'MEDIA_UNREADABLE', message: text })
      expect([text, what]).toEqual([text, films[text]])
      expect(what).not.toBe(text)
    }
  }
})

test.each(OTHERS)('a page in %s says what the error is, and what to do', (language) => {
  const message = withAdvice('NO_PEERS', 'Nobody is there.')
  const [what, todo] = refusalIn(language, { code: 'NO_PEERS', message })
  expect([what, todo]).toEqual(refusalsIn(language).codes.NO_PEERS)
  const page = errorPage(
    504,
    { error: { code: 'NO_PEERS', message, requestId: 'r1' } },
    language,
    '/x',
  )
  expect(page).toContain(`<html lang="${language}">`)
  expect(page).toContain(`<h1>${what}</h1>`)
  expect(page).toContain(`>${refusalFrameIn(language).home}</a>`)
  expect(page).not.toContain('Nobody')
})

test('scripts say every text that pages bring along for them', () => {
  const scripts = filesOf('server/pages/assets/scripts/*.js').map(read).join('\n')
  const brought = textsOf({
    progress: progressIn('en'),
    watch: watchIn('en').script,
    status: statusIn('en').script,
    operator: operatorIn('en').script,
  })
  // Those that are looked up by what the API calls a step, a place, a kind of title, a limit, a state.
  const byName =
    /\/(?:starts|from|shares|providers|sweep)\/|\/(?:movie|series|warning|fault|machine|nobody)$/
  const said = brought.filter(([place]) => !byName.test(place))
  const names = new Set(said.map(([place]) => /\w+$/.exec(place.replace(/\/\d+$/, ''))?.[0]))
  const isSaid = (name = '') => new RegExp(`\\.${name}\\b|[{,] ${name}[, ]`).test(scripts)
  const unsaid = [...names].filter((name) => !isSaid(name))
  expect(names.size).toBeGreaterThan(30)
  expect(unsaid).toEqual([])
})

const SCRIPTS = 'server/pages/assets/scripts'

/** A script and all that it reads, by their places. */
function withImports(place: string, found = new Set<string>()): Set<string> {
  if (found.has(place)) return found
  found.add(place)
  for (const [, name = ''] of read(place).matchAll(/ from '\.\/(.+)'/g)) {
    withImports(`${SCRIPTS}/${name}`, found)
  }
  return found
}

/** Texts between quotes, but names of members and what errors tell developers. */
const literalsOf = (script: string): string[] =>
  [
    ...script
      .replace(/\/\*[\s\S]*?\*\/|(?<=^|\s)\/\/.*/g, '')
      .matchAll(/(?<!Error\(|super\()(?:'((?:[^'\\\n]|\\.)*)'(?!:)|`((?:[^`\\]|\\.)*)`)/g),
  ].map(([, quoted, template]) => quoted ?? template?.replace(/\$\{[^}]*\}/g, '{}') ?? '')

const classes = new Set(
  filesOf('server/pages/assets/styles/*.css').flatMap((style) =>
    [...read(style).matchAll(/\.([a-z-]+)/g)].map(([, name]) => name),
  ),
)

/** Two words beside each other that are no names of classes, or one that begins as sentences do. */
const proseOf = (script: string): string[] =>
  literalsOf(script)
    .filter((text) => /\p{L}{2} \p{L}{2,}(?![-\p{L}])|^\p{Lu}\p{Ll}+[.…]?$/u.test(text))
    .filter((text) => !text.split(' ').every((word) => classes.has(word)))

test('the scripts of the status page say nothing in words of their own', () => {
  const scripts = [...withImports(`${SCRIPTS}/status.js`)]
  expect(scripts.length).toBeGreaterThan(25)
  expect(scripts.flatMap((place) => literalsOf(read(place))).length).toBeGreaterThan(300)
  expect(scripts.flatMap((place) => proseOf(read(place)))).toEqual([])
  const said = "say('x', 'Paused.'); say('y', `and more of them`); made('soft small') // Not this."
  expect(proseOf(said)).toEqual(['Paused.', 'and more of them'])
})

const ACCEPTED = [
  ['de-AT,de;q=0.9,en;q=0.8', 'de'],
  ['pt-BR', 'pt'],
  ['ja,es;q=0.5,fr;q=0.7', 'fr'],
  ['ja', 'en'],
  ['*', 'en'],
  ['de;q=0, en', 'en'],
  [', ;;q=x', 'en'],
  [undefined, 'en'],
] as const

describe('the page', () => {
  let server: LoopbackServer
  beforeAll(async () => {
    const manifest = readManifest({ stremioAddonsConfig: undefined })
    server = await serveRouters((baseUrl) => [
      createConfigureRoutes({ manifest, providers: ['catalogue', 'archive'], baseUrl }),
      createPages({
        manifest,
        kept,
        posterTitles,
        providers: [],
        baseUrl,
        ...noExamples,
      }),
      createWatchRoutes(manifest),
    ])
  })
  afterAll(() => server.close())

  const get = (accept?: string, path = '/configure') =>
    fetch(server.base + path, {
      headers: accept === undefined ? {} : { 'Accept-Language': accept },
    })

  async function pageIn(language: Language, answer: Response): Promise<string> {
    expect(answer.status).toBe(200)
    expect(answer.headers.get('content-language')).toBe(language)
    expect(answer.headers.get('vary')).toContain('Accept-Language')
    const page = await answer.text()
    expect(page).toContain(`<html lang="${language}">`)
    return page
  }

  test.each(ACCEPTED)('for "%s" is in %s', async (accept, language) => {
    const page = await pageIn(language, await get(accept))
    expect(page).toContain(`<legend>${wordsIn(language).form.leaveOut}</legend>`)
  })

  test('says in it what is wrong with the form, and names languages in it', async () => {
    const page = await (await get('de', '/configure?chosen=1&size=many')).text()
    expect(page).toContain(wordsIn('de').configure.badSize)
    expect(page).toContain('Französisch')
  })

  test.each(LANGUAGES)('of a film is in %s, with what its scripts say', async (language) => {
    const answer = await get(language, '/watch/movie/tt1727587/0')
    const page = await pageIn(language, answer)
    expect(page).toContain(`>${watchIn(language).page.file}</a>`)
    const [, brought = ''] = /<meta name="words" content="([^"]*)">/.exec(page) ?? []
    const said = brought.replaceAll('&quot;', '"').replaceAll('&#39;', "'").replaceAll('&amp;', '&')
    expect(JSON.parse(said)).toMatchObject({ watch: watchIn(language).script })
  })

  test.each(LANGUAGES)('of the status is in %s, the operators’ part too', async (language) => {
    const page = await pageIn(language, await get(language, '/test-source-selection'))
    expect(page).toContain(`<h1>${statusIn(language).page.title}</h1>`)
    expect(page).not.toMatch(/\{\{|<!-- (?:words|operator) -->/)
    const said = [statusIn(language).page, operatorIn(language).page].flatMap(
      Object.values<string | Html>,
    )
    for (const text of said) {
      expect(page).toContain(typeof text === 'string' ? escaped(text) : text.markup)
    }
  })

  test('in another language is another one to caches', async () => {
    const tags = await Promise.all(
      LANGUAGES.map(async (one) =>
        (await get(one, '/watch/movie/tt1727587/0')).headers.get('etag'),
      ),
    )
    expect(new Set(tags).size).toBe(LANGUAGES.length)
  })
})
