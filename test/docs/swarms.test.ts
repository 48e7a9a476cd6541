import { existsSync } from 'node:fs'
import { expect, test } from '@jest/globals'
import { situations } from '../interop/situations.ts'
import { tableRows } from './markdown-table.ts'

const docs = new URL('../../docs/', import.meta.url)

test.each(tableRows('docs/swarms.md', 'Kind'))('%s: tests that exist', (_, proof = '') => {
  const files = [...proof.matchAll(/\]\((\.\.\/test\/[^)]+\.test\.ts)\)/g)].map(
    ([, path = '']) => path,
  )
  expect(files.length).toBeGreaterThan(0)
  expect(files.filter((path) => !existsSync(new URL(path, docs)))).toEqual([])
})

test.each(tableRows('docs/swarms.md', 'client'))(
  '%s, of %s: every situation has its cell',
  (_client, _day, ...cells) => {
    expect(cells.length).toBe(situations.length)
    expect(cells.filter((cell) => cell === '')).toEqual([])
  },
)
