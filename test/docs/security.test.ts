import { existsSync } from 'node:fs'
import { expect, test } from '@jest/globals'
import { tableRows } from './markdown-table.ts'

const docs = new URL('../../docs/', import.meta.url)

test.each(tableRows('docs/security.md', 'What strangers cannot do'))(
  '%s: tests that exist',
  (_, proof = '') => {
    const files = [...proof.matchAll(/\]\((\.\.\/test\/[^)]+\.test\.ts)\)/g)].map(
      ([, path = '']) => path,
    )
    expect(files.length).toBeGreaterThan(0)
    expect(files.filter((path) => !existsSync(new URL(path, docs)))).toEqual([])
  },
)
