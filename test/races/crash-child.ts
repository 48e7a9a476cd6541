// The process that kill-points.test.ts kills: one life of a cache, each step printed as soon as it is
// done. argv: folder, and "live", "start" (only opens the folder) or "empty" (not persistent).
import { writeSync } from 'node:fs'
import { join } from 'node:path'
import { createMemoryIndex } from '../../cache/backends/memory/memory.ts'
import { createJanitor } from '../../cache/limits/disk-janitor.ts'
import { type DiskFileStore, openFileStore } from '../../cache/store/disk-file-store.ts'
import { systemClock as clock } from '../../common/clock.ts'
import { createLog } from '../../common/log.ts'
import { arrive, reserveWhole } from '../cache/fixture.ts'
import { early, first, fourth, late, partial, VALUE } from './crash-plan.ts'

const [dir = '', mode = ''] = process.argv.slice(2)
const log = createLog('silent')('cache')
const index = createMemoryIndex({ clock, log, valuesFile: join(dir, 'values.journal') })
const say = (word: string): void => void writeSync(1, `${word}\n`)

const store = await openFileStore({ dir, persistent: mode !== 'empty', index, clock, log })
say('opened')
if (mode === 'live') await live(store)
await store.close()
await index.close()
say('closed')

async function put(testFile: typeof first, n: number): Promise<void> {
  const file = await store.open(testFile.key, 'film', testFile.layout)
  await store.writeMetainfo(testFile.infoHash, Buffer.from('d4:infode'))
  await arrive(file)
  await file.publish()
  say(`published ${n}`)
  await file.close()
}

async function live(store: DiskFileStore): Promise<void> {
  await index.writeValue(VALUE.name, VALUE.value, 0, 3_600_000)
  await put(first, 1)
  const opened = await store.open(partial.key, 'film', partial.layout)
  await arrive(opened, early)
  await opened.close()
  say('settled 3')
  const again = await store.open(partial.key, 'film', partial.layout)
  await arrive(again, late)
  const limits = { ttlSeconds: 3600, maxFiles: 2, maxBytes: 1e9 }
  const janitor = createJanitor({ store, index, limits, clock, log })
  say('leaving 1')
  const reservation = await reserveWhole(janitor, fourth.key, fourth.layout)
  say('left 1')
  await put(fourth, 4)
  reservation.release()
  say('leaving 4')
  const strict = createJanitor({ store, index, limits: { ...limits, ttlSeconds: 0 }, clock, log })
  await strict.sweep()
  say('left 4')
  // Longer than the delay of the sidecar after a mark.
  await new Promise((resolve) => setTimeout(resolve, 1100))
  await again.close()
}
