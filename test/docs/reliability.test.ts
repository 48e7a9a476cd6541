import { existsSync, readdirSync } from 'node:fs'
import { describe, expect, test } from '@jest/globals'
import { tableRows } from './markdown-table.ts'

const docs = new URL('../../docs/', import.meta.url)
const rows = tableRows('docs/reliability.md', 'Fault')
const filesOf = (cell = ''): string[] =>
  [...cell.matchAll(/\]\((\.\.\/test\/[^)]+)\)/g)].map(([, path = '']) => path)
const named = new Set(rows.flatMap(([, made]) => filesOf(made)))

describe('docs/reliability.md', () => {
  test.each(rows)('%s: made by tests that exist, with what was observed', (_, made, observed) => {
    expect(filesOf(made).length).toBeGreaterThan(0)
    expect(filesOf(made).filter((path) => !existsSync(new URL(path, docs)))).toEqual([])
    expect(observed).toMatch(/\w/)
  })

  test('has every end-to-end test that is about faults', () => {
    const about = /fault|death|kill|persistence|shutdown|stop-|hostile|poison|dead|folder|volume/
    const all = readdirSync(new URL('../test/e2e/', docs), { recursive: true })
      .map(String)
      .filter((path) => path.endsWith('.test.ts') && about.test(path.split('/').at(-1) ?? ''))
    expect(all.length).toBeGreaterThan(5)
    expect(all.filter((path) => !named.has(`../test/e2e/${path}`))).toEqual([])
  })
})
