import { describe, expect, test } from '@jest/globals'
import { isBlockedHost, parseBlocklist } from '../../common/blocklist.ts'

const HASH = 'dd8255ecdc7ca55fb0bbf81323d87062db1f6d1c'

describe('a blocklist', () => {
  const { list, count, badLines } = parseBlocklist(
    [
      '\ufeff# titles',
      'tt1234567   # why',
      '',
      HASH.toUpperCase(),
      'Tracker.Example',
      '*.wild.example',
      'bücher.example',
      '0x7f.1',
      '2001:db8::1',
      'tt12 34',
      'http://not.a/host',
      'a b',
      HASH.slice(1),
    ].join('\r\n'),
  )

  test('reads titles, info hashes and hosts, and names the invalid lines', () => {
    expect(count).toBe(8)
    expect(badLines).toEqual([10, 11, 12])
    expect([list.hasTitle('tt1234567'), list.hasTitle('tt7654321')]).toEqual([true, false])
    expect([list.hasInfoHash(HASH), list.hasInfoHash('0'.repeat(40))]).toEqual([true, false])
  })

  test.each([
    ['udp://tracker.example:1/announce', true],
    ['https://a.b.TRACKER.example./x', true],
    ['https://nottracker.example', false],
    ['https://tracker.example.org', false],
    ['https://wild.example', true],
    ['https://xn--bcher-kva.example/', true],
    ['http://127.1/', true],
    ['http://2130706433/', true],
    ['http://[2001:db8:0::1]/', true],
    ['http://128.0.0.1/', false],
    ['/a/path', false],
  ])('%s: %s', (address, expected) => {
    expect(isBlockedHost(list, address)).toBe(expected)
  })
})
