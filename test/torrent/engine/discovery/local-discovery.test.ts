import { createSocket, Socket } from 'node:dgram'
import { once } from 'node:events'
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals'
import { LocalDiscovery } from '../../../../torrent/engine/discovery/local-discovery.ts'
import {
  type LocalMessage,
  localMessage,
  readLocalMessage,
} from '../../../../torrent/engine/discovery/local-message.ts'
import { LOCAL_GROUPS } from '../../../../torrent/engine/discovery/local-socket.ts'
import { eventually, sleep } from '../../../support/wait.ts'

const [one, two] = ['ab'.repeat(20), 'cd'.repeat(20)]
const [{ host, port }, six] = LOCAL_GROUPS
const heard: (LocalMessage | undefined)[] = []
const found: string[] = []
let other: Socket
let local: LocalDiscovery
beforeEach(async () => {
  heard.length = found.length = 0
  other = createSocket({ type: 'udp4', reuseAddr: true })
  other.on('message', (bytes) => heard.push(readLocalMessage(bytes)))
  other.bind(port)
  await once(other, 'listening')
  other.addMembership(host, '127.0.0.1')
  other.setMulticastInterface('127.0.0.1')
  local = new LocalDiscovery(6881)
})
afterEach(async () => {
  local.close()
  await new Promise<void>((resolve) => other.close(() => resolve()))
})
const say = (infoHash: string, at: number, cookie = 'theirs'): void =>
  void other.send(localMessage(`${host}:${port}`, at, infoHash, cookie), port, host)

describe('LocalDiscovery', () => {
  test('says on the group what is here, once, and by the port that peers connect to', async () => {
    local.add(one, () => {})
    await eventually('the announcement', () => heard.length > 0)
    local.announce(one)
    local.announce(two)
    await sleep(200)
    expect(heard.map((message) => message?.infoHashes)).toEqual([[one]])
    expect(heard[0]?.port).toBe(6881)
  })

  test('hears of peers of its own torrents only, and not of itself', async () => {
    local.add(one, (peer) => found.push(peer))
    local.add(two, () => {})
    await eventually('both told', () => heard.length === 2)
    say(one, 7000)
    say(two, 7001)
    say('ef'.repeat(20), 7002)
    say(one, 7003, heard[0]?.cookie)
    await eventually('a peer', () => found.length > 0)
    await sleep(200)
    expect(found.map((peer) => peer.split(':')[1])).toEqual(['7000'])
  })

  test('one that was removed is neither announced nor heard of', async () => {
    local.add(one, (peer) => found.push(peer))
    await eventually('the announcement', () => heard.length === 1)
    local.remove(one)
    local.announce(one)
    say(one, 7000)
    await sleep(200)
    expect([found, heard.filter((message) => message?.port === 6881).length]).toEqual([[], 1])
  })

  test('over IPv6 it is said on the group of that, by the name of each interface', () => {
    const sent = jest.spyOn(Socket.prototype, 'send').mockImplementation(() => {})
    const chosen = jest
      .spyOn(Socket.prototype, 'setMulticastInterface')
      .mockImplementation(() => {})
    local.add(one, () => {})
    const calls = sent.mock.calls as unknown as [Buffer, number, string][]
    const [message] = calls.find(([, , where]) => where === six.host) ?? []
    const interfaces = chosen.mock.calls.map(([name]) => name)
    jest.restoreAllMocks()
    expect(readLocalMessage(message as Buffer)).toMatchObject({ infoHashes: [one], port: 6881 })
    expect(interfaces).toContain('::%lo')
  })

  test('what comes over IPv6 is heard', async () => {
    local.add(one, (peer) => found.push(peer))
    const there = createSocket('udp6')
    await eventually('a peer', () => {
      there.send(localMessage(`[${six.host}]:${six.port}`, 7000, one, 'theirs'), six.port, '::1')
      return found.length > 0
    })
    expect(new Set(found)).toEqual(new Set(['[::1]:7000']))
    await new Promise<void>((resolve) => there.close(() => resolve()))
  })

  test('a port that is taken for good, or an end while it opens, does no harm', async () => {
    const taken = createSocket('udp4')
    await new Promise<void>((resolve) => other.close(() => resolve()))
    local.close()
    await sleep(50)
    taken.bind(port)
    await once(taken, 'listening')
    local = new LocalDiscovery(6881)
    local.add(one, () => {})
    await sleep(100)
    local.announce(one)
    const early = new LocalDiscovery(6881)
    early.close()
    early.add(one, () => {})
    await new Promise<void>((resolve) => taken.close(() => resolve()))
    other = createSocket('udp4')
  })
})

describe('readLocalMessage', () => {
  test('lines may end without CR', () => {
    const text = `BT-SEARCH * HTTP/1.1\nPort: 6881\nInfohash: ${one}\n\n`
    expect(readLocalMessage(Buffer.from(text))).toMatchObject({ infoHashes: [one], port: 6881 })
  })

  const text = (lines: readonly string[]): Buffer =>
    Buffer.from(['BT-SEARCH * HTTP/1.1', ...lines, '', ''].join('\r\n'))
  test.each([
    [
      'several torrents',
      ['Port: 1', `Infohash: ${one}`, `Infohash: ${two.toUpperCase()}`],
      { infoHashes: [one, two], port: 1 },
    ],
    [
      'other letters',
      ['PORT:1', `INFOHASH:${one}`, 'Cookie: x'],
      { infoHashes: [one], port: 1, cookie: 'x' },
    ],
    ['no port', [`Infohash: ${one}`], undefined],
    ['port 0', ['Port: 0', `Infohash: ${one}`], undefined],
    ['a port that is none', ['Port: 99999', `Infohash: ${one}`], undefined],
    ['no torrent', ['Port: 1', 'Infohash: xyz'], undefined],
    ['nothing', [], undefined],
  ] as const)('%s', (_what, lines, expected) => {
    const read = readLocalMessage(text(lines))
    if (expected) expect(read).toMatchObject(expected)
    else expect(read).toBeUndefined()
  })

  test('another first line, or more than 1400 bytes', () => {
    expect(
      readLocalMessage(Buffer.from(`GET / HTTP/1.1\r\nPort: 1\r\nInfohash: ${one}\r\n`)),
    ).toBeUndefined()
    expect(
      readLocalMessage(text(['Port: 1', ...Array(40).fill(`Infohash: ${one}`)])),
    ).toBeUndefined()
  })
})
