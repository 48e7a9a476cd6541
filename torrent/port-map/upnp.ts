import { createSocket } from 'node:dgram'
import { request } from 'node:http'
import { connect } from 'node:net'
import {
  type AskedMapping,
  type GatewayLine,
  type Mapping,
  MappingRefused,
  within,
} from './mapping.ts'
import {
  type ControlPoint,
  readControlPoint,
  readErrorCode,
  readLocation,
  SSDP_GROUP,
  SSDP_PORT,
  searchRequest,
  soapRequest,
} from './upnp-messages.ts'

const SEARCHES_MS = [300, 700, 2000]
const ANSWER_MS = 3000
const MAX_ANSWER = 256 << 10
/** Of WANIPConnection 2.4.16: somebody else has that port; only mappings without an end are made. */
const [TAKEN, ONLY_PERMANENT] = [718, 725]
const OTHER_PORTS = 3
const FIRST_OTHER_PORT = 20_000

/**
 * Asks by UPnP (Internet Gateway Device, WANIPConnection:1 2.4.16 and 2.4.18), as most routers at home want it. Only the
 * gateway is believed and spoken to, whatever it says of others.
 * @throws MappingRefused
 */
export async function askUpnp(line: GatewayLine, asked: AskedMapping): Promise<Mapping> {
  const { gateway } = line
  const location = await search(line, asked.signal)
  const description = await ask(line, location, undefined, asked.signal)
  const point = readControlPoint(description.text, location, gateway)
  if (!point) throw new MappingRefused('it maps no ports')
  if (asked.lifetime === 0) return remove(line, point, asked)
  return add(line, point, asked)
}

async function add(line: GatewayLine, point: ControlPoint, asked: AskedMapping): Promise<Mapping> {
  const client = await ownAddress(line, point.url)
  let { externalPort, lifetime } = asked
  for (let tries = 0; ; tries++) {
    const values = {
      ...{ NewRemoteHost: '', NewExternalPort: externalPort, NewProtocol: 'TCP' },
      ...{ NewInternalPort: asked.port, NewInternalClient: client, NewEnabled: 1 },
      ...{ NewPortMappingDescription: 'Playlink', NewLeaseDuration: lifetime },
    }
    const { status, text } = await act(line, point, 'AddPortMapping', values, asked.signal)
    if (status === 200) return { externalPort, lifetime: asked.lifetime }
    const code = readErrorCode(text)
    if (tries >= OTHER_PORTS) throw new MappingRefused(`it refuses (${code ?? status})`)
    if (code === ONLY_PERMANENT && lifetime !== 0) lifetime = 0
    else if (code === TAKEN) externalPort = anotherPort()
    else throw new MappingRefused(`it refuses (${code ?? status})`)
  }
}

async function remove(
  line: GatewayLine,
  point: ControlPoint,
  { externalPort, signal }: AskedMapping,
): Promise<Mapping> {
  const values = { NewRemoteHost: '', NewExternalPort: externalPort, NewProtocol: 'TCP' }
  await act(line, point, 'DeletePortMapping', values, signal)
  return { externalPort: 0, lifetime: 0 }
}

const anotherPort = (): number => FIRST_OTHER_PORT + Math.floor(Math.random() * 40_000)

/** Where the gateway describes itself. @throws MappingRefused it does not answer */
async function search(
  { gateway, by, isAuto }: GatewayLine,
  signal: AbortSignal | undefined,
): Promise<URL> {
  const socket = createSocket('udp4')
  try {
    const found = new Promise<URL>((resolve) => {
      socket.on('message', (bytes, from) => {
        const location = from.address === gateway ? readLocation(bytes, gateway) : undefined
        if (location) resolve(location)
      })
      socket.on('error', () => {}) // nobody listens there: the next search may find one
    })
    await new Promise<void>((resolve, reject) => {
      socket.once('error', reject)
      socket.bind({ port: 0, ...(by !== undefined && { address: by }) }, resolve)
    })
    for (const ms of SEARCHES_MS) {
      // Some answer only to the group, some only to themselves.
      for (const to of isAuto ? [gateway, SSDP_GROUP] : [gateway]) {
        socket.send(searchRequest(to), SSDP_PORT, to, () => {})
      }
      const location = await within(ms, found, signal)
      if (location) return location
      if (signal?.aborted) break
    }
    throw new MappingRefused('it does not answer')
  } finally {
    socket.close()
  }
}

function act(
  line: GatewayLine,
  { url, type }: ControlPoint,
  action: string,
  values: Readonly<Record<string, string | number>>,
  signal: AbortSignal | undefined,
) {
  const headers = { 'Content-Type': 'text/xml; charset="utf-8"', SOAPAction: `"${type}#${action}"` }
  return ask(line, url, { headers, body: soapRequest(type, action, values) }, signal)
}

/** Our address as the gateway sees it. @throws MappingRefused it cannot be connected to */
function ownAddress({ by }: GatewayLine, { hostname, port }: URL): Promise<string> {
  if (by !== undefined) return Promise.resolve(by)
  return new Promise((resolve, reject) => {
    const socket = connect({ host: hostname, port: Number(port || 80), timeout: ANSWER_MS })
    const failed = (): void => {
      socket.destroy()
      reject(new MappingRefused('it cannot be connected to'))
    }
    socket.once('connect', () => {
      const { localAddress } = socket
      socket.destroy()
      if (localAddress === undefined) failed()
      else resolve(localAddress)
    })
    socket.once('timeout', failed).once('error', failed)
  })
}

/** @throws MappingRefused no answer, or a large one */
function ask(
  { by }: GatewayLine,
  url: URL,
  post: { readonly headers: Record<string, string>; readonly body: string } | undefined,
  signal: AbortSignal | undefined,
): Promise<{ readonly status: number; readonly text: string }> {
  return new Promise((resolve, reject) => {
    const late = AbortSignal.timeout(ANSWER_MS)
    const failed = (): void => reject(new MappingRefused('it does not answer'))
    const req = request(url, {
      method: post ? 'POST' : 'GET',
      ...(post && { headers: { ...post.headers, 'Content-Length': Buffer.byteLength(post.body) } }),
      ...(by !== undefined && { localAddress: by }),
      signal: signal ? AbortSignal.any([signal, late]) : late,
      agent: false,
    })
    req.on('error', failed)
    req.on('response', (res) => {
      const chunks: Buffer[] = []
      let size = 0
      res.on('error', failed)
      res.on('data', (chunk: Buffer) => {
        size += chunk.length
        if (size > MAX_ANSWER) req.destroy()
        else chunks.push(chunk)
      })
      res.on('close', failed)
      res.on('end', () => {
        resolve({ status: res.statusCode ?? 0, text: Buffer.concat(chunks).toString('utf8') })
      })
    })
    req.end(post?.body)
  })
}
