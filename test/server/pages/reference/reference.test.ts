import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { readManifest } from '../../../../addon/manifest.ts'
import { faults } from '../../../../common/errors.ts'
import { escaped } from '../../../../server/markup/html.ts'
import { createOpenapiRoute } from '../../../../server/pages/openapi-route.ts'
import { curlLines } from '../../../../server/pages/reference/curl-line.ts'
import { METHODS, readDescription } from '../../../../server/pages/reference/description.ts'
import { operationMarkup } from '../../../../server/pages/reference/operation-markup.ts'
import { listOperations } from '../../../../server/pages/reference/operations.ts'
import { shapeText } from '../../../../server/pages/reference/shape-text.ts'
import { type LoopbackServer, serveRouters } from '../../../support/server/addon-server.ts'

const manifest = readManifest({ stremioAddonsConfig: undefined })
const description = readDescription('1.2.3')
const operations = listOperations(description)
/** What a browser sends when somebody opens an address. */
const BROWSER = 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8'

let server: LoopbackServer
beforeAll(async () => {
  const publicUrl = 'https://films.example/tv'
  server = await serveRouters((baseUrl) => [createOpenapiRoute({ manifest, baseUrl })], publicUrl)
})
afterAll(() => server.close())

const get = (path: string, accept?: string) =>
  fetch(server.base + path, { headers: accept === undefined ? {} : { Accept: accept } })

describe('GET /api', () => {
  test.each([undefined, '*/*', 'application/json', 'application/json, text/html;q=0.5'])(
    'who accepts %s gets the description',
    async (accept) => {
      const answer = await get('/api', accept)
      expect(answer.headers.get('content-type')).toMatch(/^application\/json/)
      expect(answer.headers.get('vary')).toMatch(/\bAccept\b/)
      expect(await answer.text()).toBe(await (await get('/api/openapi.json', BROWSER)).text())
    },
  )

  test('a browser gets a page, and the other address stays JSON', async () => {
    const answer = await get('/api', BROWSER)
    expect(answer.headers.get('content-type')).toMatch(/^text\/html/)
    expect(answer.headers.get('vary')).toMatch(/\bAccept\b/)
    expect(answer.headers.get('content-security-policy')).toContain("default-src 'none'")
    const other = await get('/api/openapi.json', BROWSER)
    expect(other.headers.get('content-type')).toMatch(/^application\/json/)
    expect(await other.json()).toMatchObject({ info: { version: manifest.version } })
  })
})

describe('the page', () => {
  test('has every operation once, each with all its addresses and its errors', async () => {
    const page = await (await get('/api', BROWSER)).text()
    const parts = page.split('<details class="route">').slice(1)
    const told = parts.map((part) => ({
      method: /data-method="(\w+)"/.exec(part)?.[1],
      paths: new Set([...part.matchAll(/class="path">([^<]*)</g)].map(([, path]) => path)),
      codes: [...part.matchAll(/href="#([A-Z_]+)"/g)].map(([, code]) => code),
    }))
    for (const [path, item] of Object.entries(description.paths)) {
      for (const method of METHODS) {
        if (!item[method]) continue
        const here = told.filter((one) => one.method === method && one.paths.has(path))
        expect([path, here.length]).toEqual([path, 1])
        expect(here[0]?.codes).toEqual(item[method]['x-error-codes'] ?? [])
      }
    }
    expect(parts.length).toBe(operations.length)
  })

  test('nothing of the description is lost between the tags', () => {
    const tags = new Set(description.tags.map(({ name }) => name))
    for (const { operation } of operations) {
      expect([operation.summary, operation.tags.some((tag) => tags.has(tag))]).toEqual([
        operation.summary,
        true,
      ])
    }
  })

  test('has a command for every address that programs ask, with PUBLIC_URL', async () => {
    const page = await (await get('/api', BROWSER)).text()
    expect(page).toContain(escaped("curl 'https://films.example/tv/stream/movie/tt1254207.json'"))
    expect(page).toContain(
      escaped(
        `curl -X POST 'https://films.example/tv/api/plays' -H "Authorization: Bearer $ADMIN_TOKEN" -H 'Content-Type: application/json' -d '{"stop":7}'`,
      ),
    )
    for (const listed of operations) {
      const { path = '' } = listed.paths[0] ?? {}
      const lines = curlLines(description, { ...listed, base: 'https://a.example', path })
      const silent = ['pages', 'nodes'].some((tag) => listed.operation.tags.includes(tag))
      expect([path, lines.length > 0]).toEqual([path, !silent])
      // curl reads braces as a list of addresses.
      for (const line of lines) expect(line.replace(/ -d .*$/, '')).not.toMatch(/[{}]/)
    }
  })

  test('says what each address needs', async () => {
    const page = await (await get('/api', BROWSER)).text()
    const needed = (path: string): string =>
      new RegExp(`class="path">${path}</code>[^]*?<p class="soft small">([^<]*)</p>`).exec(
        page,
      )?.[1] ?? ''
    expect(needed('/api/settings')).toContain('Needs ADMIN_TOKEN')
    expect(needed('/api/live')).toContain('tells more')
    expect(needed('/health')).toBe('Open to all.')
    expect(needed('/manifest.json')).toContain('below /t/&lt;a viewer’s token&gt;')
  })

  test('text of the description is text', () => {
    const evil = `<img src=x onerror=alert(1)>"'&`
    const listed = {
      method: 'get',
      operation: {
        tags: ['state'],
        summary: evil,
        description: evil,
        responses: { '200': { description: evil, content: { [evil]: {} } } },
      },
      paths: [{ path: `/${evil}`, summary: evil }],
      parameters: [
        { name: evil, in: 'query', description: evil, schema: { const: evil, examples: [evil] } },
      ],
    } as const
    const view = { description, base: evil, isOpen: () => true }
    const { markup } = operationMarkup(view, listed)
    expect(markup).not.toContain('<img')
    expect(markup).not.toMatch(/="[^"]*<img/)
    expect(markup.split('&lt;img').length - 1).toBeGreaterThan(9)
  })
})

test('a command is one argument for each thing, whatever stands in it', () => {
  const [line] = curlLines(description, {
    ...{ base: "https://a.example/it's", path: '/health', method: 'get', parameters: [] },
    operation: { tags: ['state'], summary: '', responses: {} },
  })
  expect(line).toBe(`curl 'https://a.example/it'\\''s/health'`)
})

describe('the errors of the description', () => {
  const { Error: refusal = {} } = description.components.responses ?? {}
  const ofEvery = (refusal as { 'x-error-codes'?: string[] })['x-error-codes'] ?? []
  const ofSome = operations.flatMap(({ operation }) => operation['x-error-codes'] ?? [])

  test('are all there are, each where it can happen', () => {
    expect([...new Set([...ofEvery, ...ofSome])].sort()).toEqual(Object.keys(faults).sort())
  })

  test('those of every address are not said again', () => {
    expect(ofSome.filter((code) => ofEvery.includes(code))).toEqual([])
  })
})

describe('a shape', () => {
  test.each([
    [{ type: 'string' }, 'string'],
    [{ type: ['string', 'null'] }, 'string | null'],
    [{ const: 'movie' }, '"movie"'],
    [{ type: 'array', items: { enum: [1, 2] } }, '(1 | 2)[]'],
    [{ type: 'array', items: { $ref: '#/components/schemas/Count' } }, 'integer[]'],
    [{ type: 'object', additionalProperties: { type: 'integer' } }, '{\n  [name]: integer\n}'],
    [
      {
        type: 'object',
        required: ['a'],
        properties: {
          a: { type: 'object', properties: { c: { type: 'number', description: 'Seconds.' } } },
          b: { type: 'string', format: 'uri' },
        },
      },
      '{\n  a: {\n    c?: number  // Seconds.\n  }\n  b?: string  // uri\n}',
    ],
  ])('%j', (schema, text) => expect(shapeText(description, schema)).toBe(text))

  test('every one of the description has a text', () => {
    for (const name of Object.keys(description.components.schemas ?? {})) {
      const text = shapeText(description, { $ref: `#/components/schemas/${name}` })
      expect([name, text]).toEqual([name, expect.not.stringMatching(/undefined|anything/)])
    }
  })
})
