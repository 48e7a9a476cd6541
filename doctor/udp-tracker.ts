import { createSocket } from 'node:dgram'
import dns from 'node:dns'
import { isIPv6, type LookupFunction } from 'node:net'
import type { AddressRules } from '../common/network/address-rules.ts'
import { checkedLookup } from '../common/network/checked-lookup.ts'
import {
  connectRequest,
  newTransaction,
  readConnect,
  transactionOf,
} from '../torrent/engine/trackers/udp-messages.ts'

/** BEP 15 waits 15 s before it asks again; here somebody waits. */
const ASK_EVERY_MS = 1500

/**
 * Exchanges the first messages of the protocol (BEP 15), which name no torrent.
 * @param mostMs until it must have answered
 * @throws Error
 */
export async function greetUdpTracker(
  url: URL,
  rules: AddressRules,
  signal: AbortSignal,
  mostMs: number,
): Promise<void> {
  const port = Number(url.port || 80)
  const address = await allowedAddress(url.hostname.replace(/^\[|\]$/g, ''), port, rules)
  const socket = createSocket(isIPv6(address) ? 'udp6' : 'udp4')
  const transaction = newTransaction()
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const late = () => reject(new Error(`no answer in ${mostMs} ms`))
  const ask = () => socket.send(connectRequest(transaction))
  const timers = [setTimeout(late, mostMs), setInterval(ask, ASK_EVERY_MS)] as const
  signal.addEventListener('abort', late, { once: true })
  socket.on('error', reject).on('message', (message) => {
    if (transactionOf(message) !== transaction) return
    try {
      readConnect(message)
      resolve()
    } catch (error) {
      reject(error)
    }
  })
  // Connected: what others send is not heard, and a closed port is told at once.
  socket.connect(port, address, ask)
  try {
    await promise
  } finally {
    clearTimeout(timers[0])
    clearInterval(timers[1])
    signal.removeEventListener('abort', late)
    socket.close()
  }
}

/** An address of the host that may be asked. @throws RefusedAddress, or the look-up's error */
export function allowedAddress(host: string, port: number, rules: AddressRules): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  const find = checkedLookup(rules, port, dns.lookup as LookupFunction)
  find(host, {}, (error, address) => (error ? reject(error) : resolve(String(address))))
  return promise
}
