import { isIP } from 'node:net'
import { expect } from '@jest/globals'
import fc from 'fast-check'
import { ValidationError } from '../../common/bittorrent/validation-error.ts'
import {
  MAX_PEERS,
  type TrackerAnswer,
  TrackerRefused,
} from '../../torrent/engine/trackers/announcement.ts'
import { readHttpAnswer } from '../../torrent/engine/trackers/http-answer.ts'
import {
  readAnnounce,
  readConnect,
  transactionOf,
} from '../../torrent/engine/trackers/udp-messages.ts'
import { readPeerAddress } from '../../torrent/engine/wire/peer-address.ts'
import { bencode } from '../support/bencode.ts'
import { compactPeers } from '../support/swarm/compact.ts'
import { anyBytes, mutatedBytes } from './arbitraries.ts'
import { fuzz } from './fuzz.ts'

/** Either a refusal, or what the rest of the engine can take as it is. */
function check(read: () => TrackerAnswer): void {
  let answer: TrackerAnswer
  try {
    answer = read()
  } catch (error) {
    expect(error instanceof ValidationError || error instanceof TrackerRefused).toBe(true)
    return
  }
  expect(answer.peers.length).toBeLessThanOrEqual(MAX_PEERS)
  for (const peer of answer.peers) expect([peer, readPeerAddress(peer)]).not.toContain(undefined)
  for (const seconds of [answer.interval, answer.minInterval])
    expect(seconds ?? 1).toBeGreaterThan(0)
  if (answer.ownAddress !== undefined) expect(isIP(answer.ownAddress)).not.toBe(0)
}

const answers = [
  bencode({
    interval: 900,
    'min interval': 60,
    peers: compactPeers(['192.0.2.1:6881', '192.0.2.2:80']),
  }),
  bencode({
    peers: [
      { ip: '192.0.2.1', port: 6881 },
      { ip: '2001:db8::1', port: 1 },
    ],
    peers6: Buffer.alloc(36, 7),
  }),
  bencode({ 'failure reason': 'no', 'retry in': 'never' }),
  bencode({ 'external ip': Buffer.alloc(16, 32), 'tracker id': 'x', peers: '' }),
]

fuzz(
  'HTTP trackers: an answer or a refusal, whatever the bytes',
  fc.property(fc.oneof(anyBytes, mutatedBytes(answers)), (bytes) =>
    check(() => readHttpAnswer(bytes)),
  ),
)

fuzz(
  'UDP trackers: an answer or a refusal, whatever the bytes',
  fc.property(
    fc.nat(4).map((action) => Buffer.from([0, 0, 0, action])),
    fc.uint8Array({ maxLength: 400 }),
    fc.constantFrom<(4 | 6)[]>(4, 6),
    (head, rest, family) => {
      const message = Buffer.concat([head, rest])
      check(() => readAnnounce(message, family))
      transactionOf(message)
      try {
        expect(readConnect(message).length).toBe(8)
      } catch (error) {
        expect(error).toBeInstanceOf(TrackerRefused)
      }
    },
  ),
)
