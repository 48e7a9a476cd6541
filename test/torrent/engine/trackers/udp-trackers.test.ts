import { createSocket } from 'node:dgram'
import { type LookupAddress, lookup } from 'node:dns'
import type { LookupFunction } from 'node:net'
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals'
import { createAddressRules } from '../../../../common/network/address-rules.ts'
import { UdpTrackers } from '../../../../torrent/engine/trackers/udp-trackers.ts'
import { compactPeers } from '../../../support/swarm/compact.ts'
import {
  actionOf,
  type OddUdpTracker,
  startOddUdpTracker,
  type UdpAnswer,
  udpAnswer,
  udpPeers,
} from '../../../support/swarm/odd-udp-tracker.ts'
import { pass, passUntil, stopTime } from '../../../support/virtual-time.ts'
import { eventually } from '../../../support/wait.ts'
import { question } from './announcements.ts'

const peers = ['192.0.2.1:6881', '192.0.2.2:80']
const rules = createAddressRules(['127.0.0.1', '[::1]'])
const never = new AbortController().signal
const open: OddUdpTracker[] = []
let trackers: UdpTrackers
beforeEach(() => {
  trackers = new UdpTrackers(rules, lookup as LookupFunction)
})
afterEach(async () => {
  jest.useRealTimers()
  trackers.close()
  for (const one of open.splice(0)) await one.close()
})

async function serve(answer: UdpAnswer, host?: string): Promise<OddUdpTracker> {
  const tracker = await startOddUdpTracker(answer, host)
  open.push(tracker)
  return tracker
}
const CONNECTION = Buffer.from('0102030405060708', 'hex')
/** What a sound tracker says. */
const sound: UdpAnswer = (message) =>
  udpAnswer(message, actionOf(message) === 0 ? CONNECTION : udpPeers(compactPeers(peers)))
const ask = (port: number, path = '/announce', host = '127.0.0.1', signal = never) =>
  trackers.ask(`udp://${host}:${port}${path}`, question, signal, () => {})

describe('a conversation (BEP 15)', () => {
  test('connects, announces, and has the peers and the interval', async () => {
    const tracker = await serve(sound)
    expect(await ask(tracker.port)).toMatchObject({ peers, interval: 1800 })
    const [connecting, announcing] = tracker.heard
    expect(connecting?.subarray(0, 12).toString('hex')).toBe('000004172710198000000000')
    expect(announcing?.subarray(0, 8)).toEqual(CONNECTION)
    expect(announcing?.subarray(16, 36).toString('hex')).toBe(question.infoHash)
    expect(announcing?.subarray(36, 56)).toEqual(Buffer.from(question.peerId))
    const numbers = [56, 64, 72].map((at) => Number(announcing?.readBigUInt64BE(at)))
    expect([...numbers, announcing?.readUInt32BE(80), announcing?.readUInt16BE(96)]).toEqual([
      ...[2, 3, 1, 2, 6881],
    ])
  })

  test('the path and query of its address go with it (BEP 41), in parts of 255 bytes', async () => {
    const tracker = await serve(sound)
    const path = `/announce?passkey=${'k'.repeat(300)}`
    await ask(tracker.port, path)
    const options = tracker.heard[1]?.subarray(98) ?? Buffer.alloc(0)
    expect([options[0], options[1], options[257], options[258]]).toEqual([
      2,
      255,
      2,
      path.length - 255,
    ])
    expect(options.subarray(2, 257).toString() + options.subarray(259).toString()).toBe(path)
  })

  test('a connection id serves for a minute, then another is asked for', async () => {
    const tracker = await serve(sound)
    stopTime()
    const actions = (): number[] => tracker.heard.map(actionOf)
    await ask(tracker.port)
    await ask(tracker.port)
    expect(actions()).toEqual([0, 1, 1])
    await pass(61_000)
    await ask(tracker.port)
    expect(actions()).toEqual([0, 1, 1, 0, 1])
  })

  test('a connection id that the tracker knows no more is asked for anew, a reason for a new one counts', async () => {
    let known = 1
    let refuses = false
    const tracker = await serve((message, from) => {
      if (actionOf(message) === 0) return udpAnswer(message, Buffer.alloc(8, known))
      const isKnown = message[0] === known && !refuses
      return isKnown ? sound(message, from) : udpAnswer(message, Buffer.from('connection id?'), 3)
    })
    await ask(tracker.port)
    known = 2
    expect(await ask(tracker.port)).toMatchObject({ peers })
    expect(tracker.heard.map(actionOf)).toEqual([0, 1, 1, 0, 1])
    refuses = true
    await expect(ask(tracker.port)).rejects.toThrow('connection id?')
    expect(tracker.heard.slice(5).map(actionOf)).toEqual([1, 0, 1])
  })

  test('over IPv6 the peers are of IPv6', async () => {
    const six = Buffer.concat([Buffer.alloc(15), Buffer.from([1, 26, 225])])
    const tracker = await serve(
      (message) => udpAnswer(message, actionOf(message) === 0 ? CONNECTION : udpPeers(six)),
      '::1',
    )
    expect((await ask(tracker.port, '/', '[::1]')).peers).toEqual(['[0:0:0:0:0:0:0:1]:6881'])
  })

  test('a host of both families is asked at both', async () => {
    const four = await serve(sound)
    const both: LookupAddress[] = [
      { address: '::1', family: 6 },
      { address: '127.0.0.1', family: 4 },
    ]
    trackers.close()
    trackers = new UdpTrackers(rules, (_name, _options, callback) => callback(null, both))
    expect((await ask(four.port, '/', 'tracker.example')).peers).toEqual(peers)
  })
})

describe('packets that are lost or not for us', () => {
  test.each([
    ['the first', 1],
    ['the first two', 2],
    ['the first three', 3],
  ])('%s: asked again', async (_what, lost) => {
    stopTime()
    let left = lost
    const tracker = await serve((message, from) => (left-- > 0 ? undefined : sound(message, from)))
    const answer = ask(tracker.port)
    let peersThen: readonly string[] | undefined
    void answer.then((one) => {
      peersThen = one.peers
    })
    await passUntil('the answer', () => peersThen !== undefined, 500)
    expect([peersThen, tracker.heard.length]).toEqual([peers, lost + 2])
  })

  test('an announcement that is lost begins with a new connection', async () => {
    stopTime()
    let lost = false
    const tracker = await serve((message, from) => {
      if (actionOf(message) === 1 && !lost) {
        lost = true
        return undefined
      }
      return sound(message, from)
    })
    let done = false
    void ask(tracker.port).then(() => {
      done = true
    })
    await passUntil('the answer', () => done, 500)
    expect(tracker.heard.map(actionOf)).toEqual([0, 1, 0, 1])
  })

  test('who never answers is asked four times and given up', async () => {
    stopTime()
    const tracker = await serve(() => undefined)
    let why: unknown
    ask(tracker.port).catch((error: Error) => {
      why = error.message
    })
    await passUntil('the end', () => why !== undefined, 1000)
    expect([why, tracker.heard.length]).toEqual(['no answer', 4])
  })

  test('a wrong transaction, another port, and noise do not count', async () => {
    const other = createSocket('udp4')
    const tracker = await serve((message, from) => {
      const forged = udpAnswer(message, udpPeers(compactPeers(['192.0.2.66:1'])))
      forged[7] = (forged[7] ?? 0) ^ 1
      for (const noise of [forged, Buffer.alloc(3), Buffer.alloc(0)]) {
        other.send(noise, from.port, '127.0.0.1')
      }
      return sound(message, from)
    })
    expect((await ask(tracker.port)).peers).toEqual(peers)
    await new Promise<void>((resolve) => other.close(() => resolve()))
  })
})

describe('what ends without an answer', () => {
  test('a reason', async () => {
    const tracker = await serve((message) => udpAnswer(message, Buffer.from('go away'), 3))
    await expect(ask(tracker.port)).rejects.toThrow('go away')
  })

  test.each([
    ['an answer too short', (message: Buffer) => udpAnswer(message, Buffer.alloc(2))],
    ['another action', (message: Buffer) => udpAnswer(message, Buffer.alloc(20), 2)],
  ])('%s', async (_what, answer) => {
    const tracker = await serve(answer)
    await expect(ask(tracker.port)).rejects.toThrow('something else')
  })

  test('an address that the rules refuse gets no packet', async () => {
    const tracker = await serve(sound, '127.0.0.9')
    await expect(ask(tracker.port, '/', '127.0.0.9')).rejects.toThrow('not an allowed address')
    expect(tracker.heard).toEqual([])
  })

  test('no port', async () => {
    await expect(trackers.ask('udp://127.0.0.1/a', question, never, () => {})).rejects.toThrow(
      'port',
    )
  })

  test('who gives it up, and the end of all', async () => {
    const tracker = await serve(() => undefined)
    const end = new AbortController()
    const [given, closed] = [ask(tracker.port, '/', '127.0.0.1', end.signal), ask(tracker.port)]
    const outcomes = Promise.allSettled([given, closed])
    await eventually('two questions', () => tracker.heard.length === 2)
    end.abort(new Error('given up'))
    trackers.close()
    expect((await outcomes).map((one) => one.status === 'rejected' && one.reason.message)).toEqual([
      'given up',
      'closed',
    ])
    await expect(ask(tracker.port)).rejects.toThrow('closed')
  })
})
