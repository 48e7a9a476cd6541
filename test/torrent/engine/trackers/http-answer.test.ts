import { describe, expect, test } from '@jest/globals'
import { TrackerRefused } from '../../../../torrent/engine/trackers/announcement.ts'
import { readHttpAnswer } from '../../../../torrent/engine/trackers/http-answer.ts'
import { bencode } from '../../../support/bencode.ts'
import { compactPeers } from '../../../support/swarm/compact.ts'

const two = ['192.0.2.1:6881', '192.0.2.2:80']
const six = Buffer.concat([
  Buffer.from('20010db8', 'hex'),
  Buffer.alloc(11),
  Buffer.from([1, 0, 9]),
])
const read = (answer: Parameters<typeof bencode>[0]) => readHttpAnswer(bencode(answer))

describe('peers', () => {
  test.each([
    ['compact', { peers: compactPeers(two) }, two],
    [
      'as dictionaries',
      { peers: [{ ip: '192.0.2.1', port: 6881, 'peer id': 'x'.repeat(20) }] },
      two.slice(0, 1),
    ],
    ['as dictionaries of IPv6', { peers: [{ ip: '2001:DB8::1', port: 9 }] }, ['[2001:db8::1]:9']],
    ['as a dictionary of IPv6 in brackets', { peers: [{ ip: '[::1]', port: 9 }] }, ['[::1]:9']],
    ['of a port as text', { peers: [{ ip: '192.0.2.1', port: '6881' }] }, two.slice(0, 1)],
    ['IPv4 written as IPv6', { peers: [{ ip: '::ffff:192.0.2.1', port: 6881 }] }, two.slice(0, 1)],
    ['compact of IPv6', { peers: '', peers6: six }, ['[2001:db8:0:0:0:0:0:1]:9']],
    [
      'of both kinds',
      { peers: compactPeers(two), peers6: six },
      [...two, '[2001:db8:0:0:0:0:0:1]:9'],
    ],
    ['said twice', { peers: compactPeers([...two, ...two]) }, two],
    ['of half a length', { peers: compactPeers(two).subarray(0, 11) }, []],
    ['without a port', { peers: compactPeers(['192.0.2.1:0']) }, []],
    ['by a name, which nobody looks up', { peers: [{ ip: 'peer.example', port: 6881 }] }, []],
    ['of a port that is none', { peers: [{ ip: '192.0.2.1', port: 70_000 }] }, []],
    ['that are something else', { peers: [1, 'x', [], { ip: 5, port: 'x' }] }, []],
    ['that are none', { interval: 60 }, []],
  ] as const)('%s', (_what, answer, expected) => {
    expect(read(answer as Parameters<typeof bencode>[0]).peers).toEqual(expected)
  })

  test('of more than 200 the first are taken', () => {
    const many = Array.from({ length: 300 }, (_, n) => `192.0.2.1:${n + 1}`)
    expect(read({ peers: compactPeers(many) }).peers).toEqual(many.slice(0, 200))
  })
})

describe('what else it says', () => {
  test('intervals, the id it gives us, our own address', () => {
    const answer = {
      interval: 900,
      'min interval': 300,
      'tracker id': 'abc',
      'external ip': Buffer.from([192, 0, 2, 9]),
    }
    expect(read(answer)).toEqual({
      peers: [],
      interval: 900,
      minInterval: 300,
      trackerId: Buffer.from('abc'),
      ownAddress: '192.0.2.9',
    })
  })

  test('an interval as text counts; one that makes no sense does not', () => {
    expect([read({ interval: '900' }).interval, read({ interval: -1 }).interval]).toEqual([
      900,
      undefined,
    ])
  })

  test.each([' \r\n', '\0', '\n<!-- 3 ms -->'])('%j behind it does no harm', (behind) => {
    const body = Buffer.concat([bencode({ peers: compactPeers(two) }), Buffer.from(behind)])
    expect(readHttpAnswer(body).peers).toEqual(two)
  })
})

describe('what is no answer', () => {
  test.each([
    ['a reason', { 'failure reason': 'not here' }, 'not here', undefined],
    ['a reason and minutes (BEP 31)', { 'failure reason': 'later', 'retry in': 5 }, 'later', 300],
    ['never', { 'failure reason': 'no', 'retry in': 'never' }, 'no', Number.POSITIVE_INFINITY],
    ['a reason that is a number', { 'failure reason': 5 }, '', undefined],
  ] as const)('%s', (_what, answer, reason, retryIn) => {
    expect(() => read(answer)).toThrow(TrackerRefused)
    expect(() => read(answer)).toThrow(expect.objectContaining({ message: reason, retryIn }))
  })

  test.each(['', '<html>', 'i5e', 'le', 'd'])('%j', (text) => {
    expect(() => readHttpAnswer(Buffer.from(text))).toThrow(Error)
  })
})
