import { createMemoryIndex } from '../../cache/backends/memory/memory.ts'
import { fakeClock } from '../cache/fixture.ts'
import { boundedIndexContract, cacheIndexContract, type IndexUnderTest } from './cache-index.ts'

async function make(options: { maxValueBytes?: number } = {}): Promise<IndexUnderTest> {
  const clock = fakeClock()
  const index = createMemoryIndex({ clock, ...options })
  return { index, pass: async (ms) => clock.pass(ms), end: () => index.close() }
}
cacheIndexContract('memory', make)
boundedIndexContract('memory', make)
