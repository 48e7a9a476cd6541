import { once } from 'node:events'
import http, { type RequestListener } from 'node:http'
import net, { type AddressInfo, type LookupFunction, type Server } from 'node:net'
import { pino } from 'pino'
import { Fault } from '../../../common/errors.ts'
import { createAddressRules } from '../../../common/network/address-rules.ts'
import { createOutbound } from '../../../common/network/guarded-outbound.ts'
import type { OutboundRequest } from '../../../common/network/outbound.ts'

const ends: (() => void)[] = []
/** Ends every server, socket and outbound made here; call it after each test. */
export function endAll(): void {
  for (const end of ends.splice(0)) end()
}

/** Resolves with the port; the server and its sockets end with the test. */
export async function listen(server: Server): Promise<number> {
  const sockets = new Set<net.Socket>()
  server.on('connection', (socket) => sockets.add(socket.on('error', () => {})))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  ends.push(() => {
    server.close()
    for (const socket of sockets) socket.destroy()
  })
  return (server.address() as AddressInfo).port
}
export const serve = (answer: RequestListener): Promise<number> => listen(http.createServer(answer))

export const lines: string[] = []
const log = pino({ level: 'debug', base: null }, { write: (line: string) => lines.push(line) })
export const LOCAL = ['127.0.0.0/8']

export function outbound(
  allow: readonly string[] = LOCAL,
  lookup?: LookupFunction,
  blocks?: (host: string) => boolean,
) {
  lines.length = 0
  const rules = createAddressRules(allow)
  const out = createOutbound({ rules, log, ...(lookup && { lookup }), ...(blocks && { blocks }) })
  ends.push(() => out.close())
  return out
}

export const ask = (more: Partial<OutboundRequest> = {}): OutboundRequest => ({
  signal: new AbortController().signal,
  timeoutMs: 20_000,
  maxBytes: 1000,
  ...more,
})

/** A look-up that answers these addresses, as the system's would. */
export const named =
  (...addresses: string[]): LookupFunction =>
  (_hostname, _options, callback) =>
    callback(
      null,
      addresses.map((address) => ({ address, family: net.isIP(address) })),
    )

export async function faultOf(asked: Promise<unknown>): Promise<string> {
  try {
    await asked
  } catch (thrown) {
    return thrown instanceof Fault ? thrown.code : String(thrown)
  }
  return 'no fault'
}
