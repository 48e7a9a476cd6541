import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { createSqliteIndex } from '../../cache/backends/sqlite/sqlite.ts'
import { fakeClock, temporaryFolder } from '../cache/fixture.ts'
import { boundedIndexContract, cacheIndexContract, type IndexUnderTest } from './cache-index.ts'

async function make(options: { maxValueBytes?: number } = {}): Promise<IndexUnderTest> {
  const clock = fakeClock()
  const folder = await temporaryFolder()
  const path = join(folder, 'index.sqlite')
  const index = createSqliteIndex({ path, persistent: true, clock, ...options })
  async function end(): Promise<void> {
    await index.close()
    await rm(folder, { recursive: true })
  }
  return { index, pass: async (ms) => clock.pass(ms), end }
}
cacheIndexContract('sqlite', make)
boundedIndexContract('sqlite', make)
