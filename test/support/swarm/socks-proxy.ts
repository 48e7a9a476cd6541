import { createSocket, type Socket as DatagramSocket } from 'node:dgram'
import { once } from 'node:events'
import { connect, createServer, isIPv4, type Socket } from 'node:net'
import { ExactReader } from '../../../torrent/engine/egress/exact-reader.ts'

export interface SocksPlan {
  /** `user:password` that it wants; nobody's without. */
  readonly login?: string
  /** What names lead to. */
  readonly names?: Readonly<Record<string, string>>
  /** Answers UDP ASSOCIATE with "command not supported". */
  readonly noDatagrams?: boolean
  /** Tells this address as the one that it connected from. */
  readonly bound?: string
  /** Splits each of its answers into single bytes. */
  readonly dribbles?: boolean
  /** What it says in place of any answer to a greeting. */
  readonly greets?: Buffer
}

export interface SocksProxy {
  readonly port: number
  /** `host:port` of what it was asked to reach over TCP, and sent datagrams to. */
  readonly targets: readonly string[]
  readonly datagrams: readonly string[]
  close(): Promise<void>
}

/** What it goes out by, so that a seeder or tracker can tell who came through it. */
export const PROXY_EXIT = '127.0.0.9'

/** A SOCKS5 proxy (RFC 1928, 1929): CONNECT and UDP ASSOCIATE. */
export async function startSocksProxy(plan: SocksPlan = {}, port = 0): Promise<SocksProxy> {
  const targets: string[] = []
  const datagrams: string[] = []
  const open = new Set<{ destroy(): void }>()
  const server = createServer((client) => {
    open.add(client)
    client.on('error', () => {})
    client.on('close', () => open.delete(client))
    serve(client, plan, { targets, datagrams, open }).catch(() => client.destroy())
  })
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  return {
    port: typeof address === 'object' && address ? address.port : 0,
    targets,
    datagrams,
    close: async () => {
      for (const one of open) one.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

interface Seen {
  readonly targets: string[]
  readonly datagrams: string[]
  readonly open: Set<{ destroy(): void }>
}

async function serve(client: Socket, plan: SocksPlan, seen: Seen): Promise<void> {
  const say = (bytes: Buffer | number[]): void => {
    if (plan.dribbles) for (const byte of bytes) client.write(Buffer.from([byte]))
    else client.write(Buffer.from(bytes))
  }
  const reader = new ExactReader(client)
  const [, count = 0] = await reader.take(2)
  const methods = await reader.take(count)
  if (plan.greets) return say(plan.greets)
  const method = plan.login === undefined ? 0 : 2
  if (!methods.includes(method)) return say([5, 255])
  say([5, method])
  if (plan.login !== undefined && !(await isKnown(reader, plan.login, say))) {
    client.end()
    return
  }
  const [, command, , kind] = await reader.take(4)
  const target = await takeAddress(reader, kind)
  reader.end()
  const [host = '', portText = ''] = split(target)
  if (command === 3 && plan.noDatagrams) return say([5, 7, 0, 1, 0, 0, 0, 0, 0, 0])
  if (command === 3) return relay(client, plan, seen, say)
  seen.targets.push(target)
  const out = connect({
    host: plan.names?.[host] ?? host,
    port: Number(portText),
    localAddress: PROXY_EXIT,
  })
  seen.open.add(out)
  out.on('error', () => say([5, 5, 0, 1, 0, 0, 0, 0, 0, 0]))
  out.once('connect', () => {
    say([5, 0, 0, 1, ...bytesOf(plan.bound ?? '0.0.0.0'), 0, 0])
    client.pipe(out)
    out.pipe(client)
  })
  client.on('close', () => out.destroy())
  out.on('close', () => client.end())
}

async function isKnown(
  reader: ExactReader,
  login: string,
  say: (bytes: number[]) => void,
): Promise<boolean> {
  const [, length = 0] = await reader.take(2)
  const user = await reader.take(length)
  const [more = 0] = await reader.take(1)
  const password = await reader.take(more)
  const isRight = `${user}:${password}` === login
  say([1, isRight ? 0 : 1])
  return isRight
}

async function relay(
  client: Socket,
  plan: SocksPlan,
  seen: Seen,
  say: (bytes: number[]) => void,
): Promise<void> {
  const near = createSocket('udp4')
  const far = createSocket('udp4')
  near.bind(0, '127.0.0.1')
  far.bind(0, PROXY_EXIT)
  await Promise.all([once(near, 'listening'), once(far, 'listening')])
  let back = 0
  near.on('message', (bytes, from) => {
    back = from.port
    const isName = bytes[3] === 3
    const end = isName ? 5 + (bytes[4] ?? 0) : 8
    const host = isName ? bytes.toString('latin1', 5, end) : bytes.subarray(4, 8).join('.')
    const port = bytes.readUInt16BE(end)
    seen.datagrams.push(`${host}:${port}`)
    const to = plan.names?.[host] ?? host
    if (isIPv4(to)) far.send(bytes.subarray(end + 2), port, to, () => {})
  })
  far.on('message', (bytes, from) => {
    const port = [from.port >> 8, from.port & 255]
    const head = Buffer.from([0, 0, 0, 1, ...bytesOf(from.address), ...port])
    near.send(Buffer.concat([head, bytes]), back, '127.0.0.1', () => {})
  })
  const end = (socket: DatagramSocket) => (): void => void socket.close()
  client.once('close', end(near))
  client.once('close', end(far))
  client.resume()
  const { port } = near.address()
  say([5, 0, 0, 1, 0, 0, 0, 0, port >> 8, port & 255])
}

const bytesOf = (address: string): number[] => address.split('.').map(Number)
const split = (target: string): string[] => [
  target.slice(0, target.lastIndexOf(':')),
  target.slice(target.lastIndexOf(':') + 1),
]

async function takeAddress(reader: ExactReader, kind: number | undefined): Promise<string> {
  let host: string
  if (kind === 1) host = (await reader.take(4)).join('.')
  else if (kind === 4) host = (await reader.take(16)).toString('hex')
  else host = (await reader.take((await reader.take(1))[0] ?? 0)).toString()
  return `${host}:${(await reader.take(2)).readUInt16BE(0)}`
}
