import { randomBytes } from 'node:crypto'
import WebTorrent from 'webtorrent'
import { type AddressRules, createAddressRules } from '../../../common/network/address-rules.ts'
import type { EngineOptions } from '../../protocol/messages.ts'
import { Dht } from '../dht/dht.ts'
import { type DhtTable, DhtTableFile, readDhtTable } from '../dht/dht-table.ts'
import { LocalDiscovery } from '../discovery/local-discovery.ts'
import { OwnAddresses } from '../discovery/own-addresses.ts'
import type { DiscoveryTools } from '../discovery/torrent-discovery.ts'
import { findNamedNodes } from '../egress/named-nodes.ts'
import { listenOnSixToo } from '../egress/second-listener.ts'
import type { WayOut } from '../egress/way-out.ts'
import { IncomingLimit } from '../peers/incoming-limit.ts'
import { RateLimit } from '../swarm/rate-limit.ts'
import type { SwarmClient } from '../swarm/swarm.ts'
import { TrackerClient } from '../trackers/tracker-client.ts'
import { UtpSockets } from '../utp/utp-sockets.ts'
import { guardDht } from './guard-dht.ts'
import { limitIncoming } from './limit-incoming.ts'
import { TorrentSwarm } from './torrent-swarm.ts'
import type { WtClient, WtDht } from './webtorrent-types.ts'

const MAX_CONNECTIONS = 40

/** Ours, as clients make it (BEP 20): our letters and version, then what no other process has. Hex. */
const ownPeerId = (): string =>
  Buffer.from(`-PL0100-${randomBytes(6).toString('hex')}`, 'latin1').toString('hex')

/**
 * Makes the one webtorrent client of the process. webtorrent asks the DHT (trackers and
 * local discovery are ours), accepts incoming connections and speaks to peers that want encryption. To all other
 * peers we connect ourselves (wire/), which is twice as fast (docs/decisions/0008).
 * @param died called when the client as a whole has failed, for instance because its port is in use
 */
export async function createWebtorrentClient(
  options: EngineOptions,
  died: (error: Error) => void,
  wayOut: WayOut = {},
): Promise<{ client: SwarmClient; port: number }> {
  const kept = options.dht && options.dhtTable ? await readDhtTable(options.dhtTable) : undefined
  const wt = makeWebtorrent(options, kept)
  wt.on('error', died)
  const incoming = new IncomingLimit()
  limitIncoming(wt._connPool.tcpServer, incoming)
  if (wt.dht) guardDht(wt.dht)
  if (!wt.listening) await new Promise<void>((resolve) => wt.once('listening', () => resolve()))
  if (wayOut.local) listenOnSixToo(wt._connPool.tcpServer, wt.torrentPort, wayOut.local)
  const limit = new RateLimit(options.uploadLimitBytes)
  const rules = createAddressRules(options.allow)
  const utp = openUtp(wt, rules, incoming)
  const { tools, addTrackers, close } = openDiscovery(wt, rules, options, wayOut, kept)
  const port = wayOut.proxied ? 0 : wt.torrentPort
  const shared = { limit, discovery: tools, pex: options.pex, utp, port }
  const swarms = new Set<TorrentSwarm>()
  const client: SwarmClient = {
    join(spec, events, metainfo) {
      const closed = (): void => void swarms.delete(swarm)
      const swarm = new TorrentSwarm(wt, spec, events, { ...shared, metainfo, closed })
      swarms.add(swarm)
      return swarm
    },
    addTrackers(urls) {
      addTrackers(urls)
      for (const swarm of swarms) swarm.discovery.addExtra()
    },
    setExternalPort(external) {
      shared.port = external ?? port
    },
    get peers() {
      let sum = 0
      for (const swarm of swarms) sum += swarm.peers
      return sum
    },
    get torrents() {
      return wt.torrents.length
    },
    async close() {
      limit.close()
      await Promise.all([...swarms].map((swarm) => swarm.close()))
      await close().then(() => utp.close())
      await new Promise<void>((resolve) => wt.destroy(() => resolve()))
    },
  }
  return { client, port }
}

/** Looks for peers without telling where we are: nobody could connect to us. */
function askOnly(dht: WtDht): void {
  dht.announce = (infoHash, _port, done) => dht.lookup(infoHash, done)
}

const makeWebtorrent = (options: EngineOptions, kept: DhtTable | undefined): WtClient =>
  new WebTorrent({
    utp: false,
    natUpnp: false,
    natPmp: false,
    maxConns: MAX_CONNECTIONS,
    peerId: ownPeerId(),
    torrentPort: options.port,
    dht: options.dht && {
      // The library takes no IPv6 addresses.
      ...(options.dhtBootstrap && {
        bootstrap: options.dhtBootstrap.filter((node) => !node.startsWith('[')),
      }),
    },
    ...(kept && { nodeId: kept.nodeId }),
    lsd: false,
    utPex: options.pex,
    // Connects with message stream encryption (MSE); incoming connections may be plain too.
    secure: 1,
    tracker: false,
  })

/** uTP is our own: webtorrent gets a stream of it where it would have made one (docs/decisions/0026). */
function openUtp(wt: WtClient, rules: AddressRules, limit: IncomingLimit): UtpSockets {
  const pool = wt._connPool
  const utp = new UtpSockets({
    port: wt.torrentPort,
    rules,
    hasRoom: (address) => limit.hasRoom(address),
    incoming(stream) {
      const left = limit.enter(stream.remoteAddress)
      if (!left) return void stream.destroy()
      stream.once('close', left)
      pool._onUTPConnectionBound(stream)
    },
  })
  wt.utp = true
  pool.utpServer = {
    connect: (port, host) => utp.connect(port, host),
    removeListener() {},
    close() {},
  }
  return utp
}

/** What all torrents look for their peers with; `close` ends it. */
function openDiscovery(
  wt: WtClient,
  rules: AddressRules,
  options: EngineOptions,
  { local: by, lookup, proxied }: WayOut,
  kept: DhtTable | undefined,
) {
  const trackers = new TrackerClient({ rules, lookup: proxied ? 'remote' : lookup })
  const local = options.lsd && !proxied ? new LocalDiscovery(wt.torrentPort, by) : undefined
  if (wt.dht && proxied) askOnly(wt.dht)
  const sixFrom = proxied ? [] : options.dhtBootstrap
  const dht = wt.dht ? new Dht(wt.dht, rules, sixFrom, lookup) : undefined
  const tableFile = dht && options.dhtTable && new DhtTableFile(options.dhtTable, dht, kept)
  const endNaming =
    dht && proxied
      ? findNamedNodes(options.dhtBootstrap, dht.nodeId, (node) => dht.addNode(node))
      : undefined
  let extra: readonly string[] = []
  const tools: DiscoveryTools = {
    trackers,
    local,
    own: new OwnAddresses(wt.torrentPort),
    dht,
    extraTrackers: () => extra,
  }
  return {
    tools,
    addTrackers: (urls: readonly string[]): void => {
      extra = urls
    },
    close: async (): Promise<void> => {
      endNaming?.()
      trackers.close()
      local?.close()
      if (tableFile) await tableFile.close()
      dht?.close()
    },
  }
}
