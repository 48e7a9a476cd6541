import { expect, test } from '@jest/globals'
import { cachedStream } from '../../addon/stream-cache.ts'
import { episode, movie, source } from './fixtures.ts'

const BASE = 'https://us.example'

test('a stream is made once for equal inputs, and anew for others', () => {
  const one = source(1, { label: 'Big Buck Bunny' })
  const remote = { kind: 'remote' } as const
  const first = cachedStream(movie, one, remote, BASE, [])
  expect(cachedStream(movie, one, remote, BASE, [])).toBe(first)
  const downloading = cachedStream(movie, one, { kind: 'downloading', percent: 5 }, BASE, [])
  expect(downloading.description).toContain('5 %')
  const later = cachedStream(movie, one, { kind: 'downloading', percent: 6 }, BASE, [])
  expect(later.description).toContain('6 %')
  expect(cachedStream(episode, one, remote, BASE, []).url).toContain('tt0903747')
  expect(cachedStream(movie, one, remote, 'http://a', []).url).toMatch(/^http:\/\/a\//)
  expect(cachedStream(movie, { ...one, label: 'Other' }, remote, BASE, [])).not.toEqual(first)
})
