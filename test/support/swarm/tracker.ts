import { createServer, type ServerResponse } from 'node:http'
import { bencode } from '../bencode.ts'
import { closeServer, listen } from '../server/listening.ts'
import { compactPeers } from './compact.ts'

export interface Tracker {
  /** What torrents name as their announce URL. */
  readonly url: string
  readonly port: number
  /** `ip:port` of those who have this torrent; nobody until told. */
  peers(infoHash: string, peers: readonly string[]): void
  /** How often somebody announced this torrent, or any torrent. */
  announces(infoHash?: string): number
  /** How often somebody began this torrent (`event=started`). */
  starts(infoHash: string): number
  close(): Promise<void>
}

/** An HTTP tracker (BEP 3, compact answers by BEP 23) that knows only the peers it was told. */
export async function startTracker(host = '127.0.0.1'): Promise<Tracker> {
  const told = new Map<string, readonly string[]>()
  const counted = new Map<string, number>()
  const started = new Map<string, number>()
  const server = createServer((req, res) => {
    const infoHash = hashOf(req.url ?? '')
    counted.set(infoHash, (counted.get(infoHash) ?? 0) + 1)
    if (req.url?.includes('event=started')) {
      started.set(infoHash, (started.get(infoHash) ?? 0) + 1)
    }
    const asDictionaries = req.url?.includes('form=dictionaries') === true
    answer(res, told.get(infoHash) ?? [], asDictionaries)
  })
  const port = await listen(server, host)
  return {
    url: `http://${host}:${port}/announce`,
    port,
    peers: (infoHash, peers) => void told.set(infoHash, peers),
    announces: (infoHash) =>
      infoHash === undefined
        ? [...counted.values()].reduce((sum, n) => sum + n, 0)
        : (counted.get(infoHash) ?? 0),
    starts: (infoHash) => started.get(infoHash) ?? 0,
    close: () => closeServer(server),
  }
}

/** @param asDictionaries whatever was asked for, as trackers do that know nothing of BEP 23 */
function answer(res: ServerResponse, peers: readonly string[], asDictionaries: boolean): void {
  res.setHeader('Connection', 'close')
  res.end(
    bencode({
      complete: peers.length,
      incomplete: 0,
      interval: 1800,
      peers: asDictionaries ? peers.map(dictionary) : compactPeers(peers),
    }),
  )
}

/** The raw 20 bytes of info_hash are percent-encoded and seldom UTF-8: decoded by hand. */
function hashOf(url: string): string {
  const raw = /[?&]info_hash=([^&]*)/.exec(url)?.[1] ?? ''
  const bytes = raw.replace(/%([0-9a-f]{2})/gi, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  )
  return Buffer.from(bytes, 'latin1').toString('hex')
}

function dictionary(peer: string): { ip: string; port: number } {
  const [ip = '', port] = peer.split(':')
  return { ip, port: Number(port) }
}
