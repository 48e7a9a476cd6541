import { expect, test } from '@jest/globals'
import { addressGroup } from '../../../common/network/address-group.ts'
import { shortAddress, shownAddress } from '../../../common/network/short-address.ts'

test.each([
  ['203.0.113.77', '203.0.113.x'],
  ['::ffff:203.0.113.77', '203.0.113.x'],
  ['2001:db8:12:3456::9', '2001:db8:12::x'],
  ['2001:db8::', '2001:db8:0::x'],
  [addressGroup('2001:db8:12:3456::9'), '2001:db8:12::x'],
  ['', ''],
  ['/tmp/socket', ''],
  ['token 3', ''],
])('%s is told as %s', (address, short) => expect(shortAddress(address)).toBe(short))

test.each([
  ['full', '::ffff:203.0.113.77', '203.0.113.77'],
  ['full', '2001:db8:12:3456::/64', '2001:db8:12:3456::/64'],
  ['short', '203.0.113.77', '203.0.113.x'],
  ['off', '203.0.113.77', ''],
] as const)('%s shows %s as %s', (shown, address, text) =>
  expect(shownAddress(address, shown)).toBe(text),
)
