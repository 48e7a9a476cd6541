import type { NetworkInterfaceInfo, networkInterfaces } from 'node:os'
import { describe, expect, test } from '@jest/globals'
import { localAddresses, stillHas } from '../../../common/network/local-address.ts'

const one = (address: string): NetworkInterfaceInfo =>
  ({ address, family: address.includes(':') ? 'IPv6' : 'IPv4' }) as NetworkInterfaceInfo

const machine = (): ReturnType<typeof networkInterfaces> => ({
  lo: [one('127.0.0.1'), one('::1')],
  tun0: [one('fe80::1'), one('10.8.0.2'), one('10.8.0.3'), one('fd00::2')],
  wan: [one('203.0.113.5')],
  six: [one('2001:db8::5')],
  bare: [one('fe80::2'), one('169.254.1.1')],
})

describe('the address that everything leaves by', () => {
  test.each([
    ['10.8.0.2', { four: '10.8.0.2', six: undefined }],
    ['2001:db8::5', { four: undefined, six: '2001:db8::5' }],
    // The first of each family; link-local ones reach nobody.
    ['tun0', { four: '10.8.0.2', six: 'fd00::2' }],
    ['wan', { four: '203.0.113.5', six: undefined }],
    ['six', { four: undefined, six: '2001:db8::5' }],
  ])('%s', (place, found) => {
    expect(localAddresses(place, machine)).toEqual(found)
  })

  test.each(['10.8.0.9', 'tun1', 'bare', '', '2001:db8::6', 'constructor'])(
    '%s: there is none',
    (place) => {
      expect(localAddresses(place, machine)).toBeUndefined()
    },
  )

  test('it is gone when one of its families is', () => {
    expect(stillHas({ four: '10.8.0.2', six: 'fd00::2' }, machine)).toBe(true)
    expect(stillHas({ four: '10.8.0.2', six: undefined }, machine)).toBe(true)
    expect(stillHas({ four: '10.8.0.2', six: 'fd00::3' }, machine)).toBe(false)
    expect(stillHas({ four: '10.8.0.4', six: undefined }, machine)).toBe(false)
  })
})
