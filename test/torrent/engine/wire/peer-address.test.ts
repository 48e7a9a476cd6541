import { expect, test } from '@jest/globals'
import { readPeerAddress } from '../../../../torrent/engine/wire/peer-address.ts'

test.each([
  ['1.2.3.4:6881', '1.2.3.4', 6881, '1.2.3.4:6881'],
  ['[2001:DB8::1]:51413', '2001:db8::1', 51413, '[2001:db8::1]:51413'],
  ['2001:db8::1:51413', '2001:db8::1', 51413, '[2001:db8::1]:51413'],
  ['[::ffff:1.2.3.4]:1', '1.2.3.4', 1, '1.2.3.4:1'],
  ['1.2.3.4:65535', '1.2.3.4', 65_535, '1.2.3.4:65535'],
])('%s is an address', (given, host, port, text) => {
  expect(readPeerAddress(given)).toEqual({ host, port, text })
})

test.each([
  ...['', ':6881', '1.2.3.4', '1.2.3.4:', '1.2.3.4:0', '1.2.3.4:65536', '1.2.3.4:-1', '1.2.3:80'],
  ...['peer.example:6881', 'localhost:6881', '[fe80::1%eth0]:6881', '1.2.3.4:6881\n', 'a\u0000b:1'],
  '1.2.3.4:99999999999999999999',
])('%j is none', (given) => {
  expect(readPeerAddress(given)).toBe(undefined)
})
