import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from '@jest/globals'
import { parse } from 'yaml'
import { parseCatalogue } from '../../sources/providers/catalogue/catalogue-format.ts'

const root = new URL('../../', import.meta.url)
const read = (file: string) => readFileSync(new URL(file, root), 'utf8')
const readme = read('README.md')
const aboutTitles = read('docs/titles.md')

describe('the first pages', () => {
  test('names every shipped title', () => {
    const { titles } = parse(read('catalogue/free-titles.yaml'))
    const words = aboutTitles.replace(/\s+/g, ' ')
    for (const { id, name } of titles) {
      // The subtitle of "Cosmos Laundromat: First Cycle" may go; the test film is no title to find.
      if (id !== 'tt0000000') expect(words).toContain(String(name).split(':')[0])
    }
    expect(titles.length).toBeGreaterThan(5)
  })

  test('its example catalogue is a good one', () => {
    const example = /```yaml\n(.*?)```/s.exec(aboutTitles)?.[1] ?? ''
    const { titles, problems } = parseCatalogue(example)
    expect(problems).toEqual([])
    expect(titles.map((title) => title.id)).toEqual(['tt1254207', 'tt0000001'])
  })

  test('has the two commands that .ci/run and package.json mean', () => {
    expect(readme).toContain('\nnpm ci && npm start\n')
    expect(readme).toContain('\nnpm ci && npm test\n')
    expect(read('.ci/run').trimEnd().split('\n').at(-1)).toBe('npm ci && npm test')
  })

  test('the README is one screen', () => {
    expect(readme.split('\n').length).toBeLessThanOrEqual(70)
  })

  test('the README leads to every page of docs/', () => {
    const pages = readdirSync(new URL('docs/', root)).filter((name) => /\.(md|yaml)$/.test(name))
    expect(pages.length).toBeGreaterThan(20)
    expect(pages.filter((name) => !readme.includes(`docs/${name}`))).toEqual([])
  })

  const pages = readdirSync(new URL('docs/', root)).filter((name) => name.endsWith('.md'))

  test('every picture is shown on one of them', () => {
    const shown = [readme, ...pages.map((name) => read(`docs/${name}`))].join('\n')
    const pictures = readdirSync(new URL('docs/pictures/', root))
    expect(pictures.length).toBeGreaterThan(10)
    expect(pictures.filter((name) => !shown.includes(`pictures/${name})`))).toEqual([])
  })

  test.each(['README.md', 'CONTRIBUTING.md', ...pages.map((name) => `docs/${name}`)])(
    '%s links to what is there',
    (file) => {
      const links = [...read(file).matchAll(/\]\((?!https?:)([^)#]*)(?:#([^)]*))?\)/g)]
      const missing = links.filter(([, link = '', heading]) => {
        const place = new URL(link, new URL(file, root))
        return !existsSync(place) || (heading !== undefined && !headingsOf(place).includes(heading))
      })
      expect(missing.map(([whole]) => whole)).toEqual([])
    },
  )
})

/** As they are linked to: small letters, words joined by hyphens. */
function headingsOf(page: URL): string[] {
  const headings = readFileSync(page, 'utf8').matchAll(/^#+ (.+)$/gm)
  return [...headings].map(([, text = '']) =>
    text
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  )
}
