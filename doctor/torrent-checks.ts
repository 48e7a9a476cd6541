import { connect } from 'node:net'
import { splitDhtNode } from '../common/bittorrent/dht-nodes.ts'
import type { ProxyPlace } from '../config/config.ts'
import { USUAL_NODES } from '../torrent/engine/egress/named-nodes.ts'
import { greeting, wantsPassword } from '../torrent/engine/egress/socks-messages.ts'
import { type Check, fault, ok, type Verdict, warning } from './finding.ts'
import type { Setup } from './setup.ts'
import { allowedAddress, greetUdpTracker } from './udp-tracker.ts'
import { adviceFor, causeOf } from './why-unreachable.ts'

const MOST_BYTES = 256 * 1024
const ANSWER_MS = 7000
const NOT_ASKED = 'not asked: the engine leaves by'

/** What peers are found by. Behind a proxy or a VPN's address only that way out counts, and it is not this one. */
export function torrentChecks(setup: Setup): readonly Check[] {
  const { torrent, extraTrackers } = setup.config
  const way = torrent.proxy ? 'TORRENT_PROXY' : torrent.bind && 'TORRENT_BIND'
  const { proxy } = torrent
  const lists = extraTrackers.lists.map((url) => ({
    name: `trackers ${hostOf(url)}`,
    run: (signal: AbortSignal) => checkList(url, setup, signal),
  }))
  const trackers = extraTrackers.trackers.map((url) => ({
    name: `tracker ${hostOf(url)}`,
    run: async (signal: AbortSignal) =>
      way ? ok(`${NOT_ASKED} ${way}`) : checkTracker(url, setup, signal),
  }))
  const dhtNodes = torrent.dhtBootstrap ?? USUAL_NODES
  return [
    ...(proxy ? [{ name: 'TORRENT_PROXY', run: (s: AbortSignal) => checkProxy(proxy, s) }] : []),
    ...lists,
    ...trackers,
    {
      name: 'DHT',
      async run() {
        if (!torrent.dht) return ok('off')
        return torrent.proxy ? ok(`${NOT_ASKED} ${way}`) : checkDht(dhtNodes, setup)
      },
    },
  ]
}

const hostOf = (url: string): string => URL.parse(url)?.host ?? ''

async function checkList(url: string, { outbound }: Setup, signal: AbortSignal): Promise<Verdict> {
  try {
    const limits = { signal, timeoutMs: ANSWER_MS, maxBytes: MOST_BYTES }
    const { status } = await outbound.get(url, limits)
    if (status !== 200) throw new Error(`status ${status}`)
    return ok('the list of trackers answers')
  } catch (error) {
    return fault(`cannot be read: ${causeOf(error).message}`, adviceFor(error, 'TRACKERS'))
  }
}

/** Asks for no torrent: over HTTP any answer will do, over UDP the first of the protocol. */
async function checkTracker(url: string, setup: Setup, signal: AbortSignal): Promise<Verdict> {
  try {
    if (/^udp:/i.test(url)) await greetUdpTracker(new URL(url), setup.rules, signal, ANSWER_MS)
    else await setup.outbound.get(url, { signal, timeoutMs: ANSWER_MS, maxBytes: MOST_BYTES })
    return ok('answers')
  } catch (error) {
    const said = `does not answer: ${causeOf(error).message}`
    return warning(said, `${adviceFor(error, 'TRACKERS')} Others are asked meanwhile.`)
  }
}

/** Whether the names of the nodes that the DHT begins with lead to addresses that may be asked. */
async function checkDht(nodes: readonly string[], { rules }: Setup): Promise<Verdict> {
  const found = await Promise.allSettled(
    nodes.map((node) => {
      const { host, port } = splitDhtNode(node)
      return allowedAddress(host, port, rules)
    }),
  )
  const good = found.filter(({ status }) => status === 'fulfilled').length
  if (good > 0) return ok(`${good} of ${nodes.length} nodes to begin with have an address`)
  const [first] = found
  const reason: unknown = first?.status === 'rejected' ? first.reason : undefined
  return fault(
    `none of its ${nodes.length} nodes to begin with has an address: ${causeOf(reason).message}`,
    `${adviceFor(reason, 'DHT_BOOTSTRAP')} In a closed network set DHT=off.`,
  )
}

/** Says hello (RFC 1928 3) and no more: which way to sign in it takes. */
async function checkProxy(proxy: ProxyPlace, signal: AbortSignal): Promise<Verdict> {
  const { host, port } = proxy
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>()
  const socket = connect({ host, port, signal })
  socket.on('connect', () => socket.write(greeting(proxy)))
  socket.on('data', resolve).on('error', reject)
  socket.on('close', () => reject(new Error('it closed the connection')))
  try {
    wantsPassword(await promise, proxy)
    return ok(`${host}:${port} answers`)
  } catch (error) {
    const said = `${host}:${port} cannot be used: ${causeOf(error).message}`
    return fault(said, `${adviceFor(error, 'TORRENT_PROXY')} Downloads wait until it answers.`)
  } finally {
    socket.destroy()
  }
}
