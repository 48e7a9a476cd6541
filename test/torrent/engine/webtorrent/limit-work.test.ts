import { EventEmitter } from 'node:events'
import { expect, test } from '@jest/globals'
import { limitWork } from '../../../../torrent/engine/webtorrent/limit-work.ts'
import type { WtTorrent } from '../../../../torrent/engine/webtorrent/webtorrent-types.ts'

test('an address that no peer can have is not remembered', () => {
  const remembered: string[] = []
  const torrent = Object.assign(new EventEmitter(), {
    addPeer: (address: string) => remembered.push(address) > 0,
    _onWireWithMetadata: () => {},
    _addIncomingPeer: () => {},
  }) as unknown as WtTorrent
  limitWork(torrent)
  const fine = ['192.0.2.1:6881', '[2001:db8::1]:6881', `${'a'.repeat(253)}:6881`]
  const wrong = [`${'a'.repeat(1_000_000)}:6881`, `192.0.2.1:${'1'.repeat(60_000)}`]
  expect(fine.map((address) => torrent.addPeer(address, 'tracker'))).toEqual([true, true, true])
  expect(wrong.map((address) => torrent.addPeer(address, 'tracker'))).toEqual([false, false])
  expect(remembered).toEqual(fine)
})
