import WebTorrent from 'webtorrent'
import type { EngineOptions } from '../../protocol/messages.ts'
import { createRateLimit } from '../swarm/rate-limit.ts'
import type { Swarm, SwarmClient } from '../swarm/swarm.ts'
import { joinSwarm } from './torrent-swarm.ts'

const MAX_CONNECTIONS = 40

/**
 * The one place that makes a webtorrent: it finds peers (trackers, DHT, PEX, LSD), takes incoming
 * connections and speaks to peers that want encryption. To all others we connect
 * ourselves (wire/): its streams and joins are what kept a download at half the speed.
 * @param died called once when the client as a whole is lost (a port in use, a DHT error)
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
    // Encrypted (MSE); incoming ones may be plain too.
    secure: 1,
    // WebRTC opens native sockets that no guard of ours sees.
    tracker: { wrtc: false },
  })
  wt.on('error', died)
  if (!wt.listening) await new Promise<void>((resolve) => wt.once('listening', () => resolve()))
  const limit = createRateLimit(options.uploadLimitBytes)
  const swarms = new Set<Swarm>()
  const client: SwarmClient = {
    join(spec, events) {
      const closed = (): void => void swarms.delete(swarm)
      const swarm = joinSwarm(wt, spec, events, { limit, pex: options.pex, closed })
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
