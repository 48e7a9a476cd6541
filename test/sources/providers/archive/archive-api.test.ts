import { expect, test } from '@jest/globals'
import { createArchiveApi } from '../../../../sources/providers/archive/archive-api.ts'

test('the files of a large item are read in parts, and as many as count', async () => {
  const files = Array.from({ length: 10_000 }, (_, n) => ({ name: `${n}.mp4`, size: String(n) }))
  const body = Buffer.from(JSON.stringify({ metadata: { title: 'Film' }, files }))
  const api = createArchiveApi('https://archive.example', {
    get: async (url) => ({ status: 200, headers: {}, body, url }),
    mayRedirect: () => true,
  } as Parameters<typeof createArchiveApi>[1])
  let turns = 0
  const turn = (): void => {
    turns++
    next = setImmediate(turn)
  }
  let next = setImmediate(turn)
  const item = await api.item('film', new AbortController().signal)
  clearImmediate(next)
  expect(item?.files.map(({ size }) => size)).toEqual(Array.from({ length: 2000 }, (_, n) => n))
  expect(turns).toBeGreaterThanOrEqual(10)
})
