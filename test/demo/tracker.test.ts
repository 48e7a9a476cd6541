import { describe, expect, test } from '@jest/globals'
import {
  asBytes,
  asDict,
  asNumber,
  asText,
  decodeBencode,
} from '../../common/bittorrent/bencode.ts'
import { createTracker } from '../../demo/tracker.ts'

/** With a byte that is no UTF-8, a `%` and a `&` in it. */
const HASH = `ff2526${'41'.repeat(17)}`
const ESCAPED = `%FF%25%26${'A'.repeat(17)}`

const asking = (port: number | string, rest = '', hash = ESCAPED): string =>
  `?info_hash=${hash}&peer_id=x&port=${port}${rest}`

function read(answer: Buffer) {
  const dict = asDict(decodeBencode(answer).value)
  const peers = asBytes(dict?.get('peers'))
  return {
    peers: peers && Buffer.from(peers).toString('hex'),
    complete: asNumber(dict?.get('complete')),
    incomplete: asNumber(dict?.get('incomplete')),
    refused: asText(dict?.get('failure reason')),
  }
}

describe('tracker of the demo', () => {
  test('introduces those who come to those who were there, never to themselves', () => {
    const tracker = createTracker()
    const first = read(tracker.announce(asking(258, '&left=0&event=started'), '127.0.0.1'))
    expect(first).toEqual({ peers: '', complete: 0, incomplete: 0, refused: undefined })
    expect(tracker.seeders(HASH)).toBe(1)
    const second = read(tracker.announce(asking(772, '&left=9'), '127.0.0.2'))
    expect(second).toEqual({
      peers: '7f0000010102',
      complete: 1,
      incomplete: 0,
      refused: undefined,
    })
    const again = read(tracker.announce(asking(258, '&left=0'), '127.0.0.1'))
    expect(again).toEqual({ peers: '7f0000020304', complete: 0, incomplete: 1, refused: undefined })
    expect(tracker.seeders(HASH)).toBe(1)
  })

  test('forgets who says goodbye', () => {
    const tracker = createTracker()
    tracker.announce(asking(1, '&left=0'), '127.0.0.1')
    tracker.announce(asking(1, '&left=0&event=stopped'), '127.0.0.1')
    expect(tracker.seeders(HASH)).toBe(0)
    expect(read(tracker.announce(asking(2), '127.0.0.1')).peers).toBe('')
  })

  test('keeps torrents apart', () => {
    const tracker = createTracker()
    tracker.announce(asking(1, '&left=0'), '127.0.0.1')
    const other = read(tracker.announce(asking(2, '', 'B'.repeat(20)), '127.0.0.1'))
    expect(other.peers).toBe('')
  })

  test('remembers the last twenty', () => {
    const tracker = createTracker()
    for (let port = 1; port <= 30; port++) tracker.announce(asking(port, '&left=0'), '127.0.0.1')
    expect(tracker.seeders(HASH)).toBe(20)
    const { peers } = read(tracker.announce(asking(31), '127.0.0.1'))
    expect(peers?.slice(0, 12)).toBe('7f000001000b')
  })

  test.each([
    ['no info hash', '?port=1', 'info_hash has 20 bytes'],
    ['a short info hash', asking(1, '', 'AAA'), 'info_hash has 20 bytes'],
    ['no port', `?info_hash=${ESCAPED}`, 'port is a number'],
    ['port 0', asking(0), 'port is a number'],
    ['a port too high', asking(65_536), 'port is a number'],
    ['a port that is none', asking('x'), 'port is a number'],
  ])('refuses %s', (_, search, refused) => {
    expect(read(createTracker().announce(search, '127.0.0.1')).refused).toBe(refused)
  })
})
