import { afterEach, describe, expect, jest, test } from '@jest/globals'
import { TrackerList } from '../../../torrent/supervisor/tracker-list.ts'
import { pass, stopTime } from '../../support/virtual-time.ts'
import { silent } from '../engines.ts'

const own = 'udp://own.example:1/announce'
const listed = ['udp://a.example:1', 'http://b.example/announce']
const list = 'https://lists.example/best.txt'
const told: (readonly string[])[] = []
let asked = 0
let status = 200
let body = `${listed[0]}\n\n${listed[1]}\r\nftp://c.example/\n http://u:p@d.example/\n`
let open: TrackerList | undefined
const begin = (trackers: readonly string[], lists: readonly string[]): void => {
  const outbound = {
    get: async () => {
      asked++
      return { status, headers: {}, body: Buffer.from(body) }
    },
  }
  open = new TrackerList({
    trackers,
    lists,
    outbound,
    log: silent,
    changed: (urls) => told.push(urls),
  })
}
afterEach(async () => {
  await open?.close()
  jest.useRealTimers()
  told.length = asked = 0
  status = 200
})

describe('TRACKERS', () => {
  test('those that are named are known at once, those of a list when it came', async () => {
    stopTime()
    begin([own], [list])
    expect(told).toEqual([[own]])
    await pass(1)
    expect(told.at(-1)).toEqual([own, ...listed])
  })

  test('nothing: nobody is asked', () => {
    begin([], [])
    expect([told, asked]).toEqual([[], 0])
  })

  test('a list is read once a day, one that failed again after ten minutes', async () => {
    stopTime()
    status = 500
    begin([], [list])
    await pass(1)
    expect([asked, told]).toEqual([1, []])
    status = 200
    await pass(600_000)
    expect(told).toEqual([listed])
    await pass(86_400_000)
    expect(asked).toBe(3)
  })

  test('thirty at most', async () => {
    stopTime()
    body = Array.from({ length: 100 }, (_, n) => `udp://t${n}.example:1`).join('\n')
    begin([own], [list])
    await pass(1)
    expect(told.at(-1)?.length).toBe(30)
  })
})
