import { expect, test } from '@jest/globals'
import LSD from 'bittorrent-lsd'
import { containLocalDiscovery } from '../../../../torrent/engine/webtorrent/local-discovery.ts'

containLocalDiscovery()

const OURS = 'ab'.repeat(20)
const discovery = Object.assign(Object.create(LSD.prototype), {
  infoHash: OURS,
}) as typeof LSD.prototype
const announce = (port: string, ...infoHashes: readonly string[]): string =>
  [
    'BT-SEARCH * HTTP/1.1',
    'Host: 239.192.152.143:6771',
    `Port: ${port}`,
    ...infoHashes.map((infoHash) => `Infohash: ${infoHash}`),
    'cookie: x',
    '',
    '',
  ].join('\r\n')
/** The torrents that a peer is taken for, at this port. */
const taken = (text: string): readonly unknown[] => {
  const found = discovery._parseAnnounce(text)
  return found ? [found.port, ...found.infoHash] : []
}

test.each([
  ['our torrent', announce('6881', OURS), ['6881', OURS]],
  ['our torrent in upper case', announce('6881', OURS.toUpperCase()), ['6881', OURS]],
  ['our torrent among others', announce('1', 'cd'.repeat(20), OURS), ['1', OURS]],
  ['our torrent a thousand times', announce('1', ...Array<string>(1000).fill(OURS)), ['1', OURS]],
  ['other torrents', announce('1', ...Array<string>(1000).fill('cd'.repeat(20))), []],
  ['a port of 60,000 digits', announce('1'.repeat(60_000), OURS), []],
  ['a message that is cut short', 'BT-SEARCH * HTTP/1.1', []],
  ['another message', 'M-SEARCH * HTTP/1.1\r\n', []],
  ['nothing', '', []],
])('an announcement on the local network of %s', (_, text, expected) => {
  expect(taken(text)).toEqual(expected)
})
