import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, test } from '@jest/globals'
import { parse } from 'yaml'
import { parseCatalogue } from '../../sources/providers/catalogue/catalogue-format.ts'

const root = new URL('../../', import.meta.url)
const read = (file: string) => readFileSync(new URL(file, root), 'utf8')
const readme = read('README.md')

describe('README', () => {
  test('names every shipped title', () => {
    const { titles } = parse(read('catalogue/free-titles.yaml'))
    const words = readme.replace(/\s+/g, ' ')
    for (const { id, name } of titles) {
      // The subtitle of "Cosmos Laundromat: First Cycle" may go; the test film is no title to find.
      if (id !== 'tt0000000') expect(words).toContain(String(name).split(':')[0])
    }
    expect(titles.length).toBeGreaterThan(5)
  })

  test('its example catalogue is a good one', () => {
    const example = /```yaml\n(.*?)```/s.exec(readme)?.[1] ?? ''
    const { titles, problems } = parseCatalogue(example)
    expect(problems).toEqual([])
    expect(titles.map((title) => title.id)).toEqual(['tt1254207', 'tt0000001'])
  })

  test('has the two commands that .ci/run and package.json mean', () => {
    expect(readme).toContain('\nnpm ci && npm start\n')
    expect(readme).toContain('\nnpm ci && npm test\n')
    expect(read('.ci/run').trimEnd().split('\n').at(-1)).toBe('npm ci && npm test')
  })

  test.each(['README.md', 'CONTRIBUTING.md', 'docs/errors.md'])(
    '%s links to what is there',
    (file) => {
      const links = [...read(file).matchAll(/\]\((?!https?:)([^)#]+)\)/g)].map(
        (match) => match[1] ?? '',
      )
      const missing = links.filter((link) => !existsSync(new URL(link, new URL(file, root))))
      expect(missing).toEqual([])
    },
  )
})
