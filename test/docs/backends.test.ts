import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from '@jest/globals'
import { createMemoryIndex } from '../../cache/backends/memory/memory.ts'
import { backends } from '../../cache/backends/open-index.ts'
import { variables } from '../../config/variables.ts'
import { fakeClock } from '../cache/fixture.ts'
import { tableRows } from './markdown-table.ts'

const root = new URL('../../', import.meta.url)
const read = (file: string): string => readFileSync(new URL(file, root), 'utf8')
const names = Object.keys(backends)

describe.each(names)('the backend %s', (name) => {
  test('passes the contract in a suite of its own', () => {
    expect(read(`test/contracts/${name}.test.ts`)).toContain(`cacheIndexContract('${name}'`)
  })

  test('has a page that says when, what and what if', () => {
    const headings = [...read(`docs/backends/${name}.md`).matchAll(/^## (.*)$/gm)].map(([, h]) => h)
    expect(headings).toEqual(['When to choose it', 'What it needs', 'What happens when it fails'])
    expect(read(`docs/backends/${name}.md`)).toContain(`CACHE_BACKEND=${name}`)
  })

  test('is a value of CACHE_BACKEND, and said to be', () => {
    expect(variables.CACHE_BACKEND.parse(name, '/')).toBe(name)
    expect(variables.CACHE_BACKEND.meaning).toContain(`\`${name}\``)
  })
})

test('there is no page of a backend that is not built', () => {
  const pages = readdirSync(new URL('docs/backends/', root)).map((page) => page.replace('.md', ''))
  expect(pages.sort()).toEqual([...names].sort())
})

test('the contract’s table has every member', () => {
  const rows = tableRows('docs/add-a-backend.md', 'Member').map(([cell = '']) =>
    cell.replace(/`|\(.*\)/g, ''),
  )
  expect(rows).toEqual(Object.keys(createMemoryIndex({ clock: fakeClock() })))
})

test.each(['docs/add-a-backend.md', ...names.map((name) => `docs/backends/${name}.md`)])(
  '%s names files that are there',
  (page) => {
    const named = [...read(page).matchAll(/`((?:cache|test|config|bench|docs)\/[\w/.-]+)`/g)]
    const missing = named.map(([, file = '']) => file).filter((f) => !existsSync(new URL(f, root)))
    expect(missing).toEqual([])
  },
)
