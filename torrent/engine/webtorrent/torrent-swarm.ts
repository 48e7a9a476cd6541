import { asDict, asNumber, decodeBencode } from '../../../common/bittorrent/bencode.ts'
import { parseMetainfo } from '../../../common/bittorrent/metainfo.ts'
import type { TorrentSpec } from '../../protocol/torrent-engine.ts'
import type { RateLimit } from '../swarm/rate-limit.ts'
import type { Swarm, SwarmEvents } from '../swarm/swarm.ts'
import { openWebSeed, type WebSeed } from '../webseed/web-seed.ts'
import { createTcpPeers } from '../wire/tcp-peers.ts'
import { uploadStore } from './upload-store.ts'
import { addWebtorrentPeer } from './webtorrent-peer.ts'
import type { WtClient, WtTorrent, WtWire } from './webtorrent-types.ts'

interface Ways {
  readonly limit: RateLimit
  readonly pex: boolean
  closed(): void
}

const MOST_ADDRESSES = 200

/** One torrent among its peers: plain connections and web seeds are ours, all others webtorrent's. */
export function joinSwarm(
  wt: WtClient,
  spec: TorrentSpec,
  events: SwarmEvents,
  { limit, pex, closed }: Ways,
): Swarm {
  const { infoHash, trackers, webSeeds } = spec
  let lonely = spec.metainfo !== undefined && isPrivate(infoOf(spec.metainfo).infoBytes)
  // Without its metainfo even where we have it: so webtorrent looks for peers at once.
  const torrent = wt.add(
    { infoHash, announce: [...trackers], urlList: [] },
    {
      ...{ deselect: true, storeCacheSlots: 0, store: uploadStore(events, limit) },
      ...(lonely && { private: true }),
    },
  )
  const heardOf = new Set<string>()
  const verified = new Set<number>()
  let known: Uint8Array | undefined
  let seeds: readonly WebSeed[] = []

  const plain = createTcpPeers({
    ...{ infoHash, limit, events },
    pex: pex && !lonely,
    peerId: wt.peerIdBuffer,
    port: wt.torrentPort,
    metadataReceived: (info) => void learn(wrapInfo(info)),
    peersFound: (addresses) => {
      // A torrent that failed is destroyed while its plain connections still talk.
      if (torrent.destroyed || lonely) return
      for (const address of addresses) torrent.addPeer(address)
    },
    handshakeUnanswered: (address) => void encrypted(address),
  })
  const encrypted = routePeers(torrent, (address) => {
    if (heardOf.size < MOST_ADDRESSES) heardOf.add(address)
    return plain.connect(address)
  })

  /** Metadata that our gate has passed goes to both kinds of connections. */
  function learn(wrapped: Uint8Array): boolean {
    if (known) return true
    if (!events.metadata(wrapped)) return false
    // Nothing but the info: webtorrent would connect to web seeds that it names (they are ours, too).
    known = wrapInfo(infoOf(wrapped).infoBytes)
    const { infoBytes, pieces } = infoOf(wrapped)
    lonely ||= isPrivate(infoBytes)
    plain.metadataKnown(infoBytes, pieces.length / 20)
    events.ready()
    if (!torrent.destroyed) seeds = webSeeds.map((url) => openWebSeed(url, infoOf(wrapped), events))
    // webtorrent needs it for incoming peers, and takes its time: the first byte first.
    setImmediate(() => {
      // It may be destroyed in the middle of it; what it refuses itself comes as its error.
      if (known && !torrent.destroyed) torrent._onMetadata(known).catch(() => {})
    })
    return true
  }

  torrent.on('error', (err: Error) => events.failed('ENGINE_DIED', err.message))
  torrent.on('warning', () => {})
  torrent.on('infoHash', () => {
    if (spec.metainfo) learn(spec.metainfo)
  })
  torrent.on('ready', () => {
    // It hashes the info dictionary as it would write it: of a torrent with unsorted keys it would
    // look for another swarm.
    if (torrent.infoHash !== infoHash) events.failed('BAD_TORRENT', 'its keys are not sorted')
    else for (const piece of verified) torrent._markVerified(piece)
  })
  const ourId = Buffer.from(wt.peerIdBuffer).toString('hex')
  torrent.on('wire', (wire: WtWire) => {
    const worked = (address: string): void => plain.succeeded(address)
    addWebtorrentPeer(torrent, wire, { events, learn, worked, ourId })
  })
  return {
    verified(piece) {
      verified.add(piece)
      plain.verified(piece)
      if (!torrent.ready || torrent.destroyed) return
      torrent._markVerified(piece)
      for (const wire of torrent.wires) if (!wire.peerPieces.get(piece)) wire.have(piece)
    },
    unverified(piece) {
      verified.delete(piece)
      plain.unverified(piece)
      if (torrent.ready && !torrent.destroyed) torrent._markUnverified(piece)
    },
    get peers() {
      return torrent.wires.length + plain.count + seeds.filter((one) => one.connected).length
    },
    reconnect() {
      plain.resetBackoff()
      // One that we are trying already may be waiting for an encrypted handshake.
      for (const one of heardOf) if (!plain.connect(one) && plain.has(one)) encrypted(one)
    },
    announce() {
      if (!torrent.destroyed) torrent.discovery?.tracker?.update()
    },
    close() {
      closed()
      plain.close()
      for (const seed of seeds) seed.close()
      return new Promise((resolve) => {
        // A second destroy() never calls back, so it is asked first.
        if (torrent.destroyed) resolve()
        else torrent.destroy({ destroyStore: false }, () => resolve())
      })
    },
  }
}

/**
 * Addresses that webtorrent hears of are connected to by us; `take` answers whether it did.
 * Gives back webtorrent's own way, for peers that want encryption.
 */
function routePeers(
  torrent: WtTorrent,
  take: (address: string) => boolean,
): (address: string) => unknown {
  const addPeer = torrent._addPeer.bind(torrent)
  torrent._addPeer = (peer, type, source) => {
    if (typeof peer !== 'string') return addPeer(peer, type, source)
    if (torrent.destroyed) return null
    return torrent._validAddr(peer) && take(peer) ? { id: peer } : null
  }
  return (address) => (torrent.destroyed ? null : addPeer(address, 'tcp', 'manual'))
}

const wrapInfo = (info: Uint8Array): Buffer =>
  Buffer.concat([Buffer.from('d4:info'), info, Buffer.from('e')])

const infoOf = (metainfo: Uint8Array) =>
  parseMetainfo(metainfo, { maxLength: Number.MAX_SAFE_INTEGER })

/** BEP 27: peers come from its trackers only. */
const isPrivate = (info: Uint8Array): boolean =>
  asNumber(asDict(decodeBencode(info).value)?.get('private')) === 1
