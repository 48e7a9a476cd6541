import { randomInt } from 'node:crypto'
import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { afterEach, describe, expect, test } from '@jest/globals'
import { defaultGateway } from '../../../torrent/port-map/gateway.ts'
import { mapRequest, readMapping } from '../../../torrent/port-map/nat-pmp-messages.ts'
import { PortMap } from '../../../torrent/port-map/port-map.ts'
import { eventually, sleep } from '../../support/wait.ts'

// NAT-PMP has one port (RFC 6886 3): another suite on this machine has another address.
const GATEWAY = `127.66.${randomInt(256)}.${randomInt(1, 255)}`
const PORT = 40_001

let now = 0
const clock = { wall: () => now, steady: () => now }
const open: { close(): unknown }[] = []
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.close()
})

/** What is asked of the gateway: its port, the port outside, and for how long. */
type Asked = readonly [port: number, external: number, lifetime: number]

/**
 * A gateway (RFC 6886) that answers what the test says; undefined: silence. What is asked again, for its
 * answer is late, counts once: on a busy machine it is.
 */
async function startGateway(answer: (asked: Asked, tries: number) => Buffer | undefined) {
  const asked: Asked[] = []
  const heard = new Set<number>()
  let tries = 0
  const socket: Socket = createSocket('udp4')
  socket.on('message', (bytes, from) => {
    expect([bytes.length, bytes[0], bytes[1]]).toEqual([12, 0, 2])
    const one = [bytes.readUInt16BE(4), bytes.readUInt16BE(6), bytes.readUInt32BE(8)] as const
    if (!heard.has(from.port)) asked.push(one)
    heard.add(from.port)
    const back = answer(one, ++tries)
    if (back) socket.send(back, from.port, from.address)
  })
  socket.bind(5351, GATEWAY)
  await once(socket, 'listening')
  open.push({ close: () => new Promise<void>((resolve) => socket.close(() => resolve())) })
  return asked
}

function granted([port, external, lifetime]: Asked, result = 0): Buffer {
  const bytes = Buffer.alloc(16)
  bytes[1] = 130
  bytes.writeUInt16BE(result, 2)
  bytes.writeUInt16BE(port, 8)
  bytes.writeUInt16BE(external, 10)
  bytes.writeUInt32BE(lifetime, 12)
  return bytes
}

function start(more: Partial<ConstructorParameters<typeof PortMap>[0]> = {}) {
  const told: (number | undefined)[] = []
  const warned: unknown[] = []
  const engine = { port: PORT as number | undefined }
  const map = new PortMap({
    gateway: GATEWAY,
    bind: undefined,
    port: () => engine.port,
    mapped: (port) => void told.push(port),
    clock,
    log: { info: () => {}, warn: (facts: unknown) => void warned.push(facts) } as never,
    lookMs: 5,
    ...more,
  })
  open.push(map)
  return { map, told, warned, engine }
}

describe('a gateway that lets peers through', () => {
  test('is asked once, again at half of the time, and at the end to forget it', async () => {
    const asked = await startGateway((one) => granted(one))
    const { map, told } = start()
    await eventually('a mapping', () => map.externalPort)
    await sleep(50)
    expect([asked, told]).toEqual([[[PORT, PORT, 3600]], [PORT]])
    now += 1_799_000
    await sleep(50)
    expect(asked).toHaveLength(1)
    now += 1000
    await eventually('the second time', () => asked.length === 2)
    await map.close()
    expect(asked.slice(1)).toEqual([
      [PORT, PORT, 3600],
      [PORT, 0, 0],
    ])
  })

  test('it gives another port than was asked for: that is told, and asked for later', async () => {
    const asked = await startGateway(([port, , lifetime]) => granted([port, 50_000, lifetime]))
    const { map, told } = start()
    await eventually('a mapping', () => map.externalPort)
    now += 1_800_000
    await eventually('the second time', () => asked.length === 2)
    expect([asked[1], told, map.externalPort]).toEqual([[PORT, 50_000, 3600], [50_000], 50_000])
  })

  test('a shorter time is kept to', async () => {
    const asked = await startGateway(([port, external]) => granted([port, external, 600]))
    const { map } = start()
    await eventually('a mapping', () => map.externalPort)
    now += 300_000
    await eventually('the second time', () => asked.length === 2)
  })

  test('the engine listens at another port, or nowhere: the old one is taken back', async () => {
    const asked = await startGateway((one) => granted(one))
    const { map, told, engine } = start()
    await eventually('a mapping', () => map.externalPort)
    engine.port = PORT + 1
    await eventually('the next mapping', () => map.externalPort === PORT + 1)
    engine.port = undefined
    await eventually('none', () => asked.length === 4)
    expect(asked.slice(1)).toEqual([
      [PORT, 0, 0],
      [PORT + 1, PORT + 1, 3600],
      [PORT + 1, 0, 0],
    ])
    expect(told).toEqual([PORT, undefined, PORT + 1, undefined])
  })

  test('an answer that was lost: it is asked again', async () => {
    let most = 0
    const asked = await startGateway((one, tries) => {
      most = tries
      return tries === 1 ? undefined : granted(one)
    })
    const { map } = start()
    await eventually('a mapping', () => map.externalPort)
    expect(most).toBeGreaterThan(1)
    expect(asked).toHaveLength(1)
  })

  test('by the address of TORRENT_BIND', async () => {
    await startGateway((one) => granted(one))
    const { map } = start({ bind: '127.0.0.1' })
    await eventually('a mapping', () => map.externalPort)
    const away = start({ bind: 'tun99' })
    await eventually('a warning', () => away.warned.length > 0)
    expect(away.map.externalPort).toBeUndefined()
  })
})

describe('a gateway that does not', () => {
  test('refuses: one warning, and another try in a minute', async () => {
    const asked = await startGateway((one) => granted(one, asked.length < 3 ? 2 : 0))
    const { map, warned } = start()
    await eventually('a warning', () => warned.length > 0)
    expect(warned).toEqual([{ why: 'NAT-PMP: it refuses; UPnP: it does not answer' }])
    await sleep(50)
    expect(asked).toHaveLength(1)
    now += 60_000
    await eventually('the second time', () => asked.length === 2)
    // That try ends when UPnP was looked for as well.
    await eventually('a mapping', () => {
      now += 60_000
      return map.externalPort
    })
    expect(warned).toHaveLength(1)
  })

  test('takes it away later: no longer told', async () => {
    const asked = await startGateway((one) => granted(one, asked.length > 1 ? 3 : 0))
    const { map, told } = start()
    await eventually('a mapping', () => map.externalPort)
    now += 1_800_000
    await eventually('it has gone', () => map.externalPort === undefined)
    expect(told).toEqual([PORT, undefined])
  })

  test('there is none: the end does not wait for it', async () => {
    const { map } = start()
    await sleep(20)
    await map.close()
    expect(map.externalPort).toBeUndefined()
  })

  test('a stranger answers in its place: not heard', async () => {
    const stranger = createSocket('udp4')
    stranger.bind(0, '127.0.0.67')
    await once(stranger, 'listening')
    open.push({ close: () => new Promise<void>((resolve) => stranger.close(() => resolve())) })
    const socket = createSocket('udp4')
    let asked = 0
    socket.on('message', (_bytes, from) => {
      asked++
      stranger.send(granted([PORT, 666, 3600]), from.port, from.address)
    })
    socket.bind(5351, GATEWAY)
    await once(socket, 'listening')
    open.push({ close: () => new Promise<void>((resolve) => socket.close(() => resolve())) })
    const { map } = start()
    await eventually('two tries', () => asked >= 2)
    expect(map.externalPort).toBeUndefined()
  })
})

describe('NAT-PMP messages', () => {
  test('a request as RFC 6886 3.3 has it', () => {
    expect(mapRequest(0x1234, 0x5678, 3600).toString('hex')).toBe('000200001234567800000e10')
  })

  test.each([
    ['too short', Buffer.alloc(7)],
    ['of another request', granted([PORT, PORT, 1]).fill(129, 1, 2)],
    ['cut off', granted([PORT, PORT, 1]).subarray(0, 15)],
    ['of another version', granted([PORT, PORT, 1]).fill(1, 0, 1)],
    ['of another port', granted([PORT + 1, PORT, 1])],
    ['of port 0', granted([PORT, 0, 1])],
  ])('an answer that is %s counts as none', (_what, bytes) => {
    expect(readMapping(bytes, PORT)).toBeUndefined()
  })

  test.each([1, 2, 3, 4, 5, 9])('result %i is a refusal', (result) => {
    expect(() => readMapping(granted([PORT, PORT, 1], result), PORT)).toThrow(/^it /)
  })
})

describe('the gateway of the default route', () => {
  const head =
    'Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n'
  const lan = 'eth0\t0001A8C0\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0\n'
  const way = (name: string, gateway: string, flags = '0003'): string =>
    `${name}\t00000000\t${gateway}\t${flags}\t0\t0\t0\t00000000\t0\t0\t0\n`

  test.each([
    ['one', head + lan + way('eth0', '0101A8C0'), '192.168.1.1'],
    [
      'one behind a tunnel without one',
      head + way('tun0', '00000000', '0001') + way('eth0', '0101A8C0'),
      '192.168.1.1',
    ],
    ['none', head + lan, undefined],
    ['no text', '', undefined],
    ['nonsense', `${head}x\t00000000\tZZ\t0003\t0\t0\t0\t00000000\n`, undefined],
  ])('%s', (_what, text, gateway) => {
    expect(defaultGateway(undefined, () => text)).toBe(gateway)
  })

  test('of the interface that has the address only', () => {
    const text = head + way('eth9', '0101A8C0') + way('lo', '0100007F')
    expect(defaultGateway('127.0.0.1', () => text)).toBe('127.0.0.1')
    expect(defaultGateway('198.51.100.9', () => text)).toBe(undefined)
  })

  test('where it cannot be read there is none', () => {
    const none = (): string => {
      throw new Error('ENOENT')
    }
    expect(defaultGateway(undefined, none)).toBeUndefined()
  })
})
