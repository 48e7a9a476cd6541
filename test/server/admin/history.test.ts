import { afterEach, beforeEach, expect, jest, test } from '@jest/globals'
import { createMemoryIndex } from '../../../cache/backends/memory/memory.ts'
import { systemClock } from '../../../common/clock.ts'
import { History } from '../../../server/admin/history.ts'
import { POINT_MS, POINTS } from '../../../server/admin/history-point.ts'
import { Totals } from '../../../server/metrics/totals.ts'
import { silent } from '../../sources/fakes.ts'
import { pass, stopTime } from '../../support/virtual-time.ts'

const DAY_MS = POINT_MS * POINTS
const READ_MS = 15_000
/** Where five minutes begin. */
const BEGIN = Date.UTC(2026, 2, 1)
const FIRST = BEGIN / POINT_MS

beforeEach(() => {
  stopTime()
  jest.setSystemTime(BEGIN)
})
afterEach(async () => {
  for (const history of open.splice(0)) await history.close()
  jest.useRealTimers()
})

const open: History[] = []

function stage() {
  const index = createMemoryIndex({ clock: systemClock })
  const totals = new Totals()
  const evictions = { ttl: 0, count: 0, disk: 0 }
  const disk = { usedBytes: 7, away: false }
  const stats = {
    ...{ total: 0, hits: 0, misses: 0, active: 0, firstByteMs: { p50: 0, p99: 0 } },
    arrivals: { running: 0, waiting: 0, max: 4, bytesPerSecond: 0 },
    conversions: null as null | { running: number; waiting: 0; made: 0; reread: 0 },
  }
  const start = (node = 'a', from: typeof index = index): History => {
    const history = new History({
      status: { stats },
      janitor: {
        evictions,
        disk: async () => {
          if (disk.away) throw new Error('no disk')
          return {
            ...{ usedBytes: disk.usedBytes, segmentBytes: 0, reservedBytes: 0, maxBytes: 9 },
            ...{ configuredBytes: 9, freeOnVolumeBytes: 9 },
          }
        },
      },
      ...{ metrics: { totals }, index: from, store: { node }, clock: systemClock, log: silent },
    })
    open.push(history)
    history.start()
    return history
  }
  return { index, totals, evictions, disk, stats, start }
}

/** The last points of a figure. */
const tail = (history: History, name: keyof History['view']['figures'], count: number) =>
  history.view.figures[name].slice(-count)

test('a point has the highest of what runs, the mean of what flows, and counts what happened', async () => {
  const { totals, evictions, stats, start } = stage()
  totals.sent(1_000_000)
  evictions.disk = 4
  stats.total = 3
  const history = start()
  await pass(READ_MS)
  stats.active = 3
  stats.arrivals = { ...stats.arrivals, running: 2, bytesPerSecond: 2100 }
  stats.conversions = { running: 1, waiting: 0, made: 0, reread: 0 }
  stats.firstByteMs = { p50: 12.4, p99: 90 }
  await pass(READ_MS)
  stats.active = 1
  stats.total = 5
  stats.arrivals = { ...stats.arrivals, running: 1, bytesPerSecond: 0 }
  totals.sent(30_000)
  totals.refused('NO_PEERS')
  totals.refused('NOT_FOUND')
  evictions.ttl = 2
  await pass(READ_MS)
  const point = Object.entries(history.view.figures).map(([name, of]) => [name, of.at(-1)])
  expect(Object.fromEntries(point)).toEqual({
    playsRunning: 3,
    sentBytesPerSecond: Math.round(30_000 / 45),
    downloadsRunning: 2,
    downloadedBytesPerSecond: 2100 / 4,
    diskUsedBytes: 7,
    evictedFiles: 2,
    firstByteMs: 12,
    conversionsRunning: 1,
    errors: 1,
  })
})

test('each five minutes are a point; nothing sent at their border is lost', async () => {
  const { totals, start } = stage()
  const history = start()
  await pass(0)
  for (let i = 0; i < POINT_MS / READ_MS; i++) {
    totals.sent(15_000)
    await pass(READ_MS)
  }
  expect(tail(history, 'sentBytesPerSecond', 2)).toEqual([1000, 1000])
  await pass(POINT_MS)
  expect(tail(history, 'sentBytesPerSecond', 3)).toEqual([1000, 50, 0])
  expect(tail(history, 'firstByteMs', 2)).toEqual([null, null])
  expect(tail(history, 'conversionsRunning', 2)).toEqual([null, null])
})

test('a restart goes on, with a gap for the time between; the view is always of a day', async () => {
  const { stats, start } = stage()
  stats.active = 1
  const before = start()
  await pass(2 * POINT_MS)
  await before.close()
  await pass(3 * POINT_MS)
  stats.active = 2
  const after = start()
  await pass(READ_MS)
  // The five minutes in which it ended are forgotten.
  expect(tail(after, 'playsRunning', 7)).toEqual([null, 1, 1, null, null, null, 2])
  const { from, everySeconds, figures } = after.view
  for (const points of Object.values(figures)) expect(points).toHaveLength(POINTS)
  expect(everySeconds).toBe(300)
  expect(Date.parse(from)).toBe((FIRST + 5 - POINTS + 1) * POINT_MS)
})

test('it keeps a day, and one value of the index', async () => {
  const { index, start } = stage()
  const history = start()
  await pass(DAY_MS + 3 * POINT_MS)
  const stored = await index.readValue<unknown[]>('history:a')
  // Without the one that is not over.
  expect(stored?.value).toHaveLength(POINTS - 1)
  expect(JSON.stringify(stored?.value).length).toBeLessThan(50_000)
  expect(tail(history, 'playsRunning', POINTS)).not.toContain(null)
})

test('nodes that share an index do not share a history', async () => {
  const { stats, start } = stage()
  stats.active = 5
  const one = start('a')
  await pass(POINT_MS)
  await one.close()
  const other = start('b')
  await pass(0)
  expect(tail(other, 'playsRunning', 2)).toEqual([null, 5])
})

test.each([
  ['text', 'x'],
  ['points that are none', [[1]]],
  ['numbers below zero', [[FIRST, -1, 0, 0, 0, 0, 0, 0, 0, 0]]],
  ['too many', Array.from({ length: POINTS + 1 }, (_, i) => [i, 0, 0, 0, 0, 0, 0, 0, 0, 0])],
  ['a point of no time', [[null, 0, 0, 0, 0, 0, 0, 0, 0, 0]]],
  ['points of tomorrow', [[FIRST + 400, 1, 1, 1, 1, 1, 1, 1, 1, 1]]],
])('%s in the index is no history, and is replaced', async (_, value) => {
  const { index, start } = stage()
  await index.writeValue('history:a', value, 0, DAY_MS)
  const history = start()
  await pass(POINT_MS)
  expect(tail(history, 'playsRunning', 3)).toEqual([null, 0, 0])
  const stored = await index.readValue<number[][]>('history:a')
  expect(stored?.value.map(([slot]) => slot)).toEqual([FIRST])
})

test('an index that is away is asked again: what it had is joined', async () => {
  const { index, stats, start } = stage()
  stats.active = 1
  const before = start()
  await pass(POINT_MS)
  await before.close()
  let isAway = true
  const refuse = async (): Promise<never> => {
    throw new Error('away')
  }
  const shaky = {
    ...index,
    readValue: <T>(name: string) => (isAway ? refuse() : index.readValue<T>(name)),
    writeValue: <T>(...args: [string, T, number, number]) =>
      isAway ? refuse() : index.writeValue(...args),
  }
  stats.active = 2
  const after = start('a', shaky)
  await pass(POINT_MS)
  expect(tail(after, 'playsRunning', 3)).toEqual([null, 2, 2])
  isAway = false
  await pass(POINT_MS)
  expect(tail(after, 'playsRunning', 4)).toEqual([1, 2, 2, 2])
})

test('without the disk the rest is told', async () => {
  const { disk, start } = stage()
  disk.away = true
  const history = start()
  await pass(READ_MS)
  expect(tail(history, 'diskUsedBytes', 1)).toEqual([null])
  expect(tail(history, 'playsRunning', 1)).toEqual([0])
})
