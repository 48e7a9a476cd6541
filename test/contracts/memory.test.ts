import { createMemoryIndex } from '../../cache/backends/memory/memory.ts'
import { fakeClock } from '../cache/fixture.ts'
import { cacheIndexContract } from './cache-index.ts'

cacheIndexContract('memory', async () => {
  const clock = fakeClock()
  const index = createMemoryIndex({ clock })
  return { index, pass: async (ms) => clock.pass(ms), end: () => index.close() }
})
