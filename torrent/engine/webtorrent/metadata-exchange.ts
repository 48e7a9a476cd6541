import { OurExtension } from '../wire/extension-messages.ts'
import { type ExtensionHost, ExtensionProtocol } from '../wire/extension-protocol.ts'
import type { WtWire } from './webtorrent-types.ts'

/** While a peer leaves so many bytes unread it is sent no metadata. */
const MAX_UNREAD_BYTES = 1 << 20

/**
 * Metadata comes and goes over webtorrent's connections as over our own ones (BEP 9), and together with them:
 * webtorrent asks each peer for all pieces at once, of which many clients drop or reject what is too much,
 * and would decode an info dictionary that a stranger sent, encode it again and act on it.
 */
export function exchangeMetadata(wire: WtWire, host: ExtensionHost): void {
  const protocol = new ExtensionProtocol(host, {
    send: (bytes) => void wire._push(bytes),
    get canSend() {
      return wire._readableState.buffered < MAX_UNREAD_BYTES
    },
    close: () => wire.destroy(),
  })
  // Of what webtorrent made itself nothing is left: it has a stand-in of the info dictionary at most.
  Object.assign(wire.ut_metadata, {
    fetch() {},
    setMetadata: async () => true,
    onExtendedHandshake() {},
    onMessage: (body: Uint8Array) =>
      protocol.receive(
        OurExtension.utMetadata,
        Buffer.from(body.buffer, body.byteOffset, body.length),
      ),
  })
  const size = host.info?.length
  if (size === undefined) delete wire.extendedHandshake.metadata_size
  else wire.extendedHandshake.metadata_size = size
  const receive = wire._onExtended.bind(wire)
  wire._onExtended = (extension, body) => {
    if (extension === 0) protocol.receive(0, Buffer.from(body.buffer, body.byteOffset, body.length))
    receive(extension, body)
  }
  wire.once('finish', () => protocol.end())
}
