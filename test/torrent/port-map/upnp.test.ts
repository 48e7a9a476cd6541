import { randomInt } from 'node:crypto'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { afterEach, describe, expect, test } from '@jest/globals'
import { PortMap } from '../../../torrent/port-map/port-map.ts'
import { readControlPoint, readLocation } from '../../../torrent/port-map/upnp-messages.ts'
import { eventually, sleep } from '../../support/wait.ts'

// SSDP has one port: another suite on this machine has another address.
const GATEWAY = `127.67.${randomInt(256)}.${randomInt(1, 255)}`
const PORT = 40_001
const SERVICE = 'urn:schemas-upnp-org:service:WANIPConnection:1'

let now = 0
const clock = { wall: () => now, steady: () => now }
const open: (() => unknown)[] = []
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close()
})

interface Action {
  readonly name: string
  readonly values: Readonly<Record<string, string>>
}

interface RouterOptions {
  /** The error code of UPnP, or that it does as it is told. */
  readonly answer?: (action: Action, n: number) => number | 'ok'
  readonly location?: (base: string) => string
  readonly description?: (base: string) => string
}

const described = (control: string, type = SERVICE): string => `<?xml version="1.0"?>
<root xmlns="urn:schemas-upnp-org:device-1-0"><device><deviceList><device><serviceList>
<service><serviceType>urn:schemas-upnp-org:service:Layer3Forwarding:1</serviceType><controlURL>/l3f</controlURL></service>
<service><serviceType>${type}</serviceType><controlURL>${control}</controlURL></service>
</serviceList></device></deviceList></device></root>`

/** A router as miniupnpd is one: found by SSDP, described in XML, told by SOAP. */
async function startRouter(options: RouterOptions = {}) {
  const actions: Action[] = []
  const server = createServer(async (req, res) => {
    if (req.url === '/root.xml') {
      return void res.end((options.description ?? (() => described('/ctl')))(base))
    }
    const action = await actionOf(req)
    actions.push(action)
    const answer = options.answer?.(action, actions.length) ?? 'ok'
    const fault = `<s:Fault><detail><UPnPError><errorCode>${answer}</errorCode></UPnPError></detail></s:Fault>`
    res.writeHead(answer === 'ok' ? 200 : 500).end(answer === 'ok' ? '<ok/>' : fault)
  })
  server.listen(0, GATEWAY)
  await once(server, 'listening')
  const base = `http://${GATEWAY}:${(server.address() as AddressInfo).port}`
  const ssdp = createSocket('udp4')
  ssdp.on('message', (bytes, from) => {
    expect(bytes.toString()).toMatch(/^M-SEARCH \* HTTP\/1\.1\r\n/)
    const location = (options.location ?? ((at) => `${at}/root.xml`))(base)
    ssdp.send(`HTTP/1.1 200 OK\r\nLocation: ${location}\r\nEXT:\r\n\r\n`, from.port, from.address)
  })
  ssdp.bind(1900, GATEWAY)
  await once(ssdp, 'listening')
  open.push(
    () => new Promise<void>((resolve) => server.close(() => resolve())),
    () => new Promise<void>((resolve) => ssdp.close(() => resolve())),
  )
  return actions
}

async function actionOf(req: IncomingMessage): Promise<Action> {
  const body = await text(req)
  const name = /^"urn:schemas-upnp-org:service:WAN\w+:\d#(\w+)"$/.exec(
    `${req.headers.soapaction}`,
  )?.[1]
  const values = [...body.matchAll(/<(New\w+)>([^<]*)<\/\1>/g)].map(([, key, value]) => [
    key,
    value,
  ])
  return { name: `${name}`, values: Object.fromEntries(values) }
}

function start() {
  const told: (number | undefined)[] = []
  const warned: { why?: string }[] = []
  const map = new PortMap({
    gateway: GATEWAY,
    bind: undefined,
    port: () => PORT,
    mapped: (port) => void told.push(port),
    clock,
    log: { info: () => {}, warn: (facts: object) => void warned.push(facts) } as never,
    lookMs: 5,
  })
  open.push(() => map.close())
  return { map, told, warned }
}

describe('a router that knows UPnP alone', () => {
  test('is asked when NAT-PMP is not answered, again at half of the time, and to forget it', async () => {
    const actions = await startRouter()
    const { map, told } = start()
    await eventually('a mapping', () => map.externalPort)
    expect(told).toEqual([PORT])
    expect(actions).toEqual([
      {
        name: 'AddPortMapping',
        values: {
          ...{ NewRemoteHost: '', NewExternalPort: `${PORT}`, NewProtocol: 'TCP' },
          ...{ NewInternalPort: `${PORT}`, NewInternalClient: '127.0.0.1', NewEnabled: '1' },
          ...{ NewPortMappingDescription: 'Playlink', NewLeaseDuration: '3600' },
        },
      },
    ])
    now += 1_800_000
    await eventually('the second time', () => actions.length === 2)
    await map.close()
    expect(actions[2]).toEqual({
      name: 'DeletePortMapping',
      values: { NewRemoteHost: '', NewExternalPort: `${PORT}`, NewProtocol: 'TCP' },
    })
  })

  test('it makes only mappings without an end, and the port is somebody else’s: others are tried', async () => {
    const actions = await startRouter({
      answer: ({ values }) =>
        values.NewLeaseDuration !== '0' ? 725 : values.NewExternalPort === `${PORT}` ? 718 : 'ok',
    })
    const { map, told } = start()
    const external = await eventually('a mapping', () => map.externalPort)
    expect(actions.map(({ values }) => values.NewLeaseDuration)).toEqual(['3600', '0', '0'])
    expect(actions[2]?.values.NewExternalPort).toBe(`${external}`)
    expect(told).toEqual([external])
    await map.close()
    expect(actions[3]?.values.NewExternalPort).toBe(`${external}`)
  })

  test('it refuses: the log says how each way ended', async () => {
    await startRouter({ answer: () => 606 })
    const { map, warned } = start()
    await eventually('a warning', () => warned.length === 1)
    expect(warned[0]?.why).toMatch(/^NAT-PMP: .*; UPnP: it refuses \(606\)$/)
    expect(map.externalPort).toBeUndefined()
  })

  test.each<[string, RouterOptions]>([
    ['its description is elsewhere', { location: () => 'http://127.0.0.1:1/root.xml' }],
    ['its control is elsewhere', { description: () => described('http://127.0.0.1:1/ctl') }],
    ['it has other services', { description: () => described('/ctl', `${SERVICE}0`) }],
    ['its description is large', { description: () => 'x'.repeat(1 << 20) }],
    ['its description is no XML', { description: () => '\0<<<' }],
  ])('%s: nobody else is asked', async (_, options) => {
    const actions = await startRouter(options)
    const { warned } = start()
    await eventually('a warning', () => warned.length === 1)
    expect(warned[0]?.why).toMatch(/UPnP: it (?:does not answer|maps no ports)$/)
    await sleep(20)
    expect(actions).toEqual([])
  })
})

test.each([
  ['HTTP/1.1 200 OK\r\nLOCATION: http://10.0.0.1:80/a\r\n\r\n', 'http://10.0.0.1/a'],
  ['HTTP/1.1 200 OK\r\nlocation:http://10.0.0.1/a\n\n', 'http://10.0.0.1/a'],
  ['HTTP/1.1 200 OK\r\nLOCATION: https://10.0.0.1/a\r\n\r\n', undefined],
  ['HTTP/1.1 200 OK\r\nLOCATION: http://10.0.0.1.example/a\r\n\r\n', undefined],
  ['HTTP/1.1 200 OK\r\nLOCATION: http://10.0.0.1@10.0.0.2/a\r\n\r\n', undefined],
  ['NOTIFY * HTTP/1.1\r\nLOCATION: http://10.0.0.1/a\r\n\r\n', undefined],
])('of %j the description is at %s', (answer, at) => {
  expect(readLocation(Buffer.from(answer), '10.0.0.1')?.href).toBe(at)
})

test('where the description is written otherwise: prefixes, URLBase, PPP, version 2', () => {
  const base = new URL('http://10.0.0.1:5000/root.xml')
  const xml = `<d:root xmlns:d="x"><d:URLBase>http://10.0.0.1:49152</d:URLBase><d:service>
    <d:serviceType> urn:schemas-upnp-org:service:WANPPPConnection:2 </d:serviceType>
    <d:controlURL>upnp/control?WAN&amp;1</d:controlURL></d:service></d:root>`
  expect(readControlPoint(xml, base, '10.0.0.1')).toEqual({
    url: new URL('http://10.0.0.1:49152/upnp/control?WAN&1'),
    type: 'urn:schemas-upnp-org:service:WANPPPConnection:2',
  })
})
