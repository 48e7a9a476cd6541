import { describe, expect, test } from '@jest/globals'
import type { CacheIndex } from '../../../cache/index/cache-index.ts'
import type { BytesPlayable } from '../../../player/files/playable.ts'
import { MeasuredPlays } from '../../../player/trace/measured-plays.ts'
import { createFakeIndex, eventually, movie, silent } from '../fakes.ts'

const NOON = new Date(2026, 4, 10, 12).getTime()
const DAY = 86_400_000
const key = `${'ab'.repeat(20)}/0`
const value = 'measured:tt1254207'

function open(index: Pick<CacheIndex, 'readValue' | 'writeValue'> = createFakeIndex()) {
  const now = { wall: NOON, steady: 5000 }
  const clock = { wall: () => now.wall, steady: () => now.steady }
  return { plays: new MeasuredPlays({ index, clock, log: silent, writeAfterMs: 0 }), now }
}

const playable = (more: Partial<BytesPlayable> = {}): BytesPlayable =>
  ({
    ...{ kind: 'bytes', from: 'swarm', name: 'a.mkv', size: 9e9, etag: undefined },
    measuredAs: key,
    times: () => ({ peer: 4200, piece: 4800 }),
    ...more,
  }) as BytesPlayable

describe('a start', () => {
  test('is how long its first byte took', () => {
    const { plays } = open()
    plays.started(movie, playable(), 4100)
    expect(plays.peek(movie, key)).toEqual({ firstByteMs: 900, daysAgo: 0 })
  })

  test.each<[string, Partial<BytesPlayable>]>([
    ['of what came before it was asked for', { times: () => ({ peer: 1, piece: 4000 }) }],
    ['of a file whose pieces were all here', { times: () => ({ peer: 1, piece: undefined }) }],
    ['from disk', { from: 'disk', times: () => undefined }],
  ])('%s says nothing of the source', (_what, more) => {
    const { plays } = open()
    plays.started(movie, playable(more), 4100)
    expect(plays.peek(movie, key)).toBeUndefined()
  })

  test('of a link counts, and ranges that take about as long are not written again', async () => {
    const index = createFakeIndex()
    const { plays, now } = open(index)
    const link = playable({ from: 'relay', measuredAs: 'abcdefghij', times: () => undefined })
    for (const startedAt of [4100, 4150, 4080]) {
      plays.started(movie, link, startedAt)
      await eventually('written', () => index.entries.size === 1)
    }
    expect(index.entries.get(value)?.revision).toBe(1)
    now.wall += 2 * 3_600_000
    plays.started(movie, link, 4100)
    await eventually('written again', () => index.entries.get(value)?.revision === 2)
  })
})

test('the rate is told when the play is over, beside its start', () => {
  const { plays, now } = open()
  plays.started(movie, playable(), 4100)
  now.wall += 3_600_000
  plays.ended(movie, playable({ rate: () => 4e6 }))
  plays.ended(movie, playable({ rate: () => undefined }))
  expect(plays.peek(movie, key)).toEqual({ firstByteMs: 900, bytesPerSecond: 4e6, daysAgo: 0 })
  // The next start is another play, whose rate nobody knows yet.
  plays.started(movie, playable(), 3000)
  expect(plays.peek(movie, key)).toEqual({ firstByteMs: 2000, daysAgo: 0 })
})

test('an older start is none of the rate that is told now', () => {
  const { plays, now } = open()
  plays.started(movie, playable(), 4100)
  now.wall += DAY
  plays.ended(movie, playable({ rate: () => 4e6 }))
  expect(plays.peek(movie, key)).toEqual({ bytesPerSecond: 4e6, daysAgo: 0 })
})

describe('is remembered', () => {
  test('by the index, over a restart, with the days since, for two weeks', async () => {
    const index = createFakeIndex()
    const before = open(index)
    before.plays.started(movie, playable(), 4100)
    await eventually('written', () => index.entries.size === 1)
    expect(JSON.stringify(index.entries.get(value)?.value)).toBe(
      JSON.stringify({ [key]: { firstByteMs: 900, at: NOON } }),
    )
    const { plays, now } = open(index)
    now.wall = NOON + DAY - 13 * 3_600_000
    await plays.recall(movie)
    expect(plays.peek(movie, key)?.daysAgo).toBe(0)
    now.wall = NOON + 13 * 3_600_000
    expect(plays.peek(movie, key)?.daysAgo).toBe(1)
    now.wall = NOON + 15 * DAY
    expect(plays.peek(movie, key)).toBeUndefined()
  })

  test('by the torrent, where its file is not known any more and only one was played', () => {
    const { plays } = open()
    const infoHash = key.slice(0, -2)
    plays.started(movie, playable(), 4100)
    expect(plays.peek(movie, `${infoHash}/`)?.firstByteMs).toBe(900)
    plays.started(movie, playable({ measuredAs: `${infoHash}/1` }), 4100)
    expect(plays.peek(movie, `${infoHash}/`)).toBeUndefined()
  })

  test('for the last sources of a title, and with one question a minute', async () => {
    const index = createFakeIndex()
    let reads = 0
    const counted = {
      readValue: <T>(name: string) => {
        reads++
        return index.readValue<T>(name)
      },
      writeValue: index.writeValue,
    }
    const { plays, now } = open(counted)
    for (const _ of Array(5)) await plays.recall(movie)
    expect(reads).toBe(1)
    now.steady += 61_000
    await plays.recall(movie)
    expect(reads).toBe(2)
    for (let n = 0; n < 100; n++) {
      now.wall++
      plays.started(movie, playable({ measuredAs: `${'cd'.repeat(20)}/${n}` }), 4100)
    }
    expect(plays.peek(movie, `${'cd'.repeat(20)}/39`)).toBeUndefined()
    expect(plays.peek(movie, `${'cd'.repeat(20)}/99`)?.firstByteMs).toBeDefined()
    await eventually('written', () => {
      const stored = index.entries.get(value)?.value ?? {}
      return Object.keys(stored).length === 60
    })
  })

  test.each<[string, unknown]>([
    ['another shape', { [key]: { at: 'now' } }],
    ['no number', { [key]: { at: NOON, firstByteMs: -1 } }],
    ['a strange name', { __proto__x: { at: NOON } }],
    ['nothing', null],
  ])('not as somebody else has written it: %s', async (_what, stored) => {
    const index = createFakeIndex()
    index.entries.set(value, { value: stored, revision: 1 })
    const { plays } = open(index)
    await plays.recall(movie)
    expect(plays.peek(movie, key)).toBeUndefined()
  })

  test('in memory while the index is away', async () => {
    const index = createFakeIndex()
    index.down = true
    const { plays } = open(index)
    await plays.recall(movie)
    plays.started(movie, playable(), 4100)
    expect(plays.peek(movie, key)?.firstByteMs).toBe(900)
  })
})

test('what many plays have measured is written a while later, at once, or at the end', async () => {
  const index = createFakeIndex()
  const clock = { wall: () => NOON, steady: () => 5000 }
  const plays = new MeasuredPlays({ index, clock, log: silent })
  plays.started(movie, playable(), 4100)
  plays.started(movie, playable({ measuredAs: 'abcdefghij' }), 4100)
  expect(plays.peek(movie, key)).toBeDefined()
  expect(index.entries.size).toBe(0)
  await plays.close()
  expect(index.entries.get(value)?.revision).toBe(1)
  await plays.close()
  expect(index.entries.get(value)?.revision).toBe(1)
})
