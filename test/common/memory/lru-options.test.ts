import { expect, test } from '@jest/globals'
import { LRUCache } from 'lru-cache'
import { atMost } from '../../../common/memory/lru-options.ts'

test('holds so many and no more: the least recently used goes', () => {
  const cache = new LRUCache<string, number>(atMost(3))
  for (const [at, name] of [...'abc'].entries()) cache.set(name, at)
  cache.get('a')
  cache.set('d', 3)
  cache.set('d', 4)
  expect([...cache.keys()].toSorted()).toEqual(['a', 'c', 'd'])
  expect(cache.get('d')).toBe(4)
})

test('keeps no room for what has not come', () => {
  const before = process.memoryUsage().arrayBuffers
  const caches = Array.from({ length: 20 }, () => new LRUCache<string, number>(atMost(1_000_000)))
  // lru-cache's own `max` takes 8 bytes an entry for the order alone: 160 MB here.
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(1_000_000)
  expect(caches.every(({ size }) => size === 0)).toBe(true)
})
