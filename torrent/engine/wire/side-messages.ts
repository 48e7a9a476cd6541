import type { LayerPeer } from '../metadata/layer-downloads.ts'
import { hashMessage, MessageId } from './peer-messages.ts'
import type { WireTorrent } from './wire-torrent.ts'

const SIDE_MESSAGES: readonly number[] = [
  MessageId.port,
  MessageId.hashRequest,
  MessageId.hashes,
  MessageId.hashReject,
]

export const isSideMessage = (id: number): boolean => SIDE_MESSAGES.includes(id)

/**
 * Takes what peers say beside pieces: where their node of the DHT is (BEP 5), and hashes (BEP 52). Closes
 * the connection to one that sends hashes that were not asked for.
 */
export function receiveSideMessage(
  torrent: Pick<WireTorrent, 'layers' | 'nodeFound'>,
  peer: LayerPeer & { readonly address: string; send(bytes: Buffer): void },
  id: number,
  body: Buffer,
): void {
  switch (id) {
    case MessageId.port: {
      const port = body.length === 2 ? body.readUInt16BE(0) : 0
      // It is at the peer's own address.
      const host = peer.address.slice(0, peer.address.lastIndexOf(':'))
      if (port > 0) torrent.nodeFound(`${host}:${port}`)
      return
    }
    case MessageId.hashRequest:
      // We keep no trees, so nobody is sent hashes.
      peer.send(hashMessage(MessageId.hashReject, body))
      return
    case MessageId.hashReject:
      torrent.layers?.rejected(peer, body)
      return
    default:
      if (torrent.layers?.received(peer, body) === false) peer.close(false)
  }
}
