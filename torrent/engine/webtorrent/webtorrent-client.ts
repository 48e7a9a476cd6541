import WebTorrent from 'webtorrent'
import type { EngineOptions } from '../../protocol/messages.ts'
import { RateLimit } from '../swarm/rate-limit.ts'
import type { Swarm, SwarmClient } from '../swarm/swarm.ts'
import { guardDht } from './guard-dht.ts'
import { limitIncoming } from './limit-incoming.ts'
import { TorrentSwarm } from './torrent-swarm.ts'

const MAX_CONNECTIONS = 40

/**
 * Makes the one webtorrent client of the process. webtorrent finds peers (trackers, DHT, PEX, local
 * discovery), accepts incoming connections and speaks to peers that want encryption. To all other
 * peers we connect ourselves (wire/), which is twice as fast (docs/decisions/0008).
 * @param died called when the client as a whole has failed, for instance because its port is in use
 */
export async function createWebtorrentClient(
  options: EngineOptions,
  died: (error: Error) => void,
): Promise<{ client: SwarmClient; port: number }> {
  const wt = new WebTorrent({
    utp: false,
    natUpnp: false,
    natPmp: false,
    maxConns: MAX_CONNECTIONS,
    torrentPort: options.port,
    dht: options.dht,
    lsd: options.lsd,
    utPex: options.pex,
    // Connects with message stream encryption (MSE); incoming connections may be plain too.
    secure: 1,
    // WebRTC opens native sockets, which common/network/process-guard.ts cannot check.
    tracker: { wrtc: false },
  })
  wt.on('error', died)
  limitIncoming(wt._connPool.tcpServer)
  if (wt.dht) guardDht(wt.dht)
  if (!wt.listening) await new Promise<void>((resolve) => wt.once('listening', () => resolve()))
  const limit = new RateLimit(options.uploadLimitBytes)
  const swarms = new Set<Swarm>()
  const client: SwarmClient = {
    join(spec, events, metainfo) {
      const closed = (): void => void swarms.delete(swarm)
      const swarm = new TorrentSwarm(wt, spec, events, {
        ...{ limit, pex: options.pex, metainfo, closed },
      })
      swarms.add(swarm)
      return swarm
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
      await new Promise<void>((resolve) => wt.destroy(() => resolve()))
    },
  }
  return { client, port: wt.torrentPort }
}
