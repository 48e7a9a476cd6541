import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals'
import {
  type TrackerAnswer,
  type TrackerEvent,
  TrackerRefused,
} from '../../../../torrent/engine/trackers/announcement.ts'
import { TorrentTrackers } from '../../../../torrent/engine/trackers/torrent-trackers.ts'
import { type Ask, Tracker, usualTimes } from '../../../../torrent/engine/trackers/tracker.ts'
import { pass, stopTime } from '../../../support/virtual-time.ts'

const MINUTE = 60_000
const said: (TrackerEvent | undefined)[] = []
const found: string[] = []
let answer: () => Promise<TrackerAnswer> | TrackerAnswer
const ask: Ask = async ({ event, signal }) => {
  said.push(event)
  signal.throwIfAborted()
  return answer()
}
const usual: TrackerAnswer = { peers: ['192.0.2.1:1'], interval: 1800, minInterval: undefined }
let tracker: Tracker
const begin = (): Tracker => {
  tracker = new Tracker(ask, ({ peers }) => void found.push(...peers))
  return tracker
}
beforeEach(() => {
  stopTime()
  said.length = found.length = 0
  answer = () => usual
})
afterEach(async () => {
  const closed = tracker?.close()
  await pass(2000)
  await closed
  jest.useRealTimers()
})

describe('the events of BEP 3', () => {
  test('started once, then nothing, stopped at the end', async () => {
    begin()
    await pass(61 * MINUTE)
    await tracker.close()
    await tracker.close()
    expect(said).toEqual(['started', undefined, undefined, 'stopped'])
  })

  test('started is said again until it was heard', async () => {
    answer = () => Promise.reject(new Error('no answer'))
    begin()
    await pass(20_000)
    answer = () => usual
    await pass(10 * MINUTE)
    expect(said.filter((event) => event === 'started').length).toBe(said.length)
    expect(said.length).toBe(3)
  })

  test('who was never heard does not say stopped', async () => {
    answer = () => Promise.reject(new Error('no answer'))
    begin()
    await pass(100)
    await tracker.close()
    expect(said).toEqual(['started'])
  })

  test('completed once, also when it comes while another question runs', async () => {
    begin()
    await pass(1)
    const slow = Promise.withResolvers<TrackerAnswer>()
    answer = () => slow.promise
    await pass(30 * MINUTE)
    tracker.completed()
    slow.resolve(usual)
    answer = () => usual
    await pass(100)
    tracker.completed()
    await pass(100)
    expect(said).toEqual(['started', undefined, 'completed'])
  })

  test('a tracker that does not answer the end is not waited for', async () => {
    jest.useRealTimers()
    const hanging: Ask = ({ event, signal }) =>
      event !== 'stopped'
        ? Promise.resolve(usual)
        : new Promise((_, reject) => {
            signal.addEventListener('abort', () => reject(signal.reason))
          })
    tracker = new Tracker(hanging, () => {}, { ...usualTimes, stop: 20 })
    await new Promise((resolve) => setImmediate(resolve))
    await tracker.close()
    stopTime()
  })
})

describe('how often it is asked', () => {
  const countIn = async (ms: number, says: Partial<TrackerAnswer>): Promise<number> => {
    answer = () => ({ ...usual, ...says })
    begin()
    await pass(ms)
    return said.length
  }
  test.each([
    ['as it wants', { interval: 600 }, 61 * MINUTE, 7],
    ['not every second', { interval: 1 }, 10 * MINUTE + 1, 11],
    ['half an hour without a word', { interval: undefined }, 61 * MINUTE, 3],
    ['not below what it allows', { interval: 60, minInterval: 1200 }, 61 * MINUTE, 4],
    ['once a day at least', { interval: 1e9 }, 25 * 60 * MINUTE, 2],
  ])('%s', async (_what, says, ms, times) => {
    expect(await countIn(ms, says)).toBe(times)
  })

  test('one that fails is asked less and less', async () => {
    answer = () => Promise.reject(new Error('no answer'))
    begin()
    await pass(60 * MINUTE)
    // 15 s, 30 s, 1, 2, 4, 8, 16 minutes
    expect(said.length).toBe(8)
  })

  test.each([
    ['once more soon, then after a minute at the earliest', undefined, 3],
    ['not before it says (BEP 31)', 3600, 1],
    ['never again', Number.POSITIVE_INFINITY, 1],
  ])('one that refuses: %s', async (_what, retryIn, times) => {
    answer = () => Promise.reject(new TrackerRefused('no', retryIn))
    begin()
    for (let s = 0; s < 100; s++) {
      await pass(1000)
      tracker.hurry()
    }
    expect(said.length).toBe(times)
  })

  test('one that refused once and had only just begun is asked again at once', async () => {
    let isFirst = true
    const usual = answer
    answer = (...question) => {
      if (!isFirst) return usual(...question)
      isFirst = false
      return Promise.reject(new TrackerRefused('status 503'))
    }
    begin()
    await pass(5000)
    expect(said.length).toBe(2)
  })

  test('out of turn when peers are needed, but not in a row and not without end', async () => {
    begin()
    await pass(1000)
    tracker.hurry()
    expect(said.length).toBe(1)
    await pass(2000)
    tracker.hurry()
    tracker.hurry()
    expect(said.length).toBe(2)
    for (let s = 0; s < 500; s++) {
      await pass(1000)
      tracker.hurry()
    }
    expect(said.length).toBe(13)
  })
})

describe('those of a torrent', () => {
  test('are all asked at once, whatever their place; each once', async () => {
    const asked: string[] = []
    const askOf =
      (url: string): Ask =>
      async ({ event }) => {
        asked.push(`${event} ${url}`)
        return url.endsWith('30') ? usual : new Promise(() => {})
      }
    const trackers = new TorrentTrackers({ askOf, answered: ({ peers }) => found.push(...peers) })
    const urls = Array.from({ length: 31 }, (_, n) => `udp://192.0.2.1:${n}`)
    trackers.add([...urls, ...urls, 'wss://192.0.2.1/', 'gopher://x'])
    await pass(1)
    expect([asked.length, found]).toEqual([31, usual.peers])
    trackers.remove(['udp://192.0.2.1:30'])
    await pass(1)
    expect(asked.at(-1)).toBe('stopped udp://192.0.2.1:30')
    trackers.completed()
    trackers.hurry()
    expect(asked.length).toBe(32)
  })

  test('are a hundred at most', async () => {
    let asked = 0
    const askOf = (): Ask => async () => {
      asked++
      return usual
    }
    const trackers = new TorrentTrackers({ askOf, answered: () => {} })
    trackers.add(Array.from({ length: 300 }, (_, n) => `http://192.0.2.1:${n + 1}/`))
    await pass(1)
    expect(asked).toBe(100)
    await trackers.close()
    trackers.add(['http://192.0.2.1/late'])
    expect(asked).toBe(200)
  })
})
