import { expect, test } from '@jest/globals'
import { addressGroup } from '../../../common/network/address-group.ts'
import { shortAddress } from '../../../common/network/short-address.ts'

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
