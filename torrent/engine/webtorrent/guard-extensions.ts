import { withoutUnread } from '../wire/extension-messages.ts'
import type { WtWireInternals } from './webtorrent-types.ts'

/**
 * What a peer says by the extension protocol (BEP 10) is kept by bittorrent-protocol for as long as the peer
 * is connected: its last handshake with all that was in it (15 MB for one of 128 KB), every name that any of
 * its handshakes had, and every address that it told of (BEP 11). Here only what is read stays.
 */
export function guardExtensions(wires: WtWireInternals): void {
  const { _onExtended } = wires
  wires._onExtended = function (this: WtWireInternals, extension, body) {
    const read = extension === 0 ? withoutUnread(body) : body
    if (!read) return
    _onExtended.call(this, extension, read)
    // What it was told is for messages of ours, and we send none.
    if (this.extendedMapping[extension] === 'ut_pex') this.ut_pex?.reset()
  }
}
