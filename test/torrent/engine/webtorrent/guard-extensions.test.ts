import { beforeEach, describe, expect, test } from '@jest/globals'
import Wire from 'bittorrent-protocol'
import { guardWires } from '../../../../torrent/engine/webtorrent/guard-wires.ts'
import { payload } from '../../../support/swarm/payload.ts'

/** Without types of its own. */
const { default: utPex } = await import(`${'ut_pex'}`)

interface OpenWire {
  _onExtended(extension: number, body: Uint8Array): void
  use(extension: unknown): void
  destroy(): void
  readonly peerExtendedHandshake: object
  readonly peerExtendedMapping: object
  readonly ut_pex: { readonly _remoteAddedPeers: object; readonly _remoteDroppedPeers: object }
}
const text = (body: string): Buffer => Buffer.from(body, 'latin1')
const names = (from: number): string =>
  Array.from({ length: 1000 }, (_, n) => `9:${`${from + n}`.padStart(9, 'n')}i1e`).join('')

describe('what a peer says by the extension protocol', () => {
  let wire: OpenWire
  beforeEach(() => {
    guardWires()
    wire = new Wire('tcpIncoming', 0) as unknown as OpenWire
    wire.use(utPex())
  })

  test('of a handshake only what is read stays', () => {
    wire._onExtended(0, text('d1:md6:ut_pexi7ee4:reqqi500e1:v5:Other6:yourip4:abcde'))
    expect(wire.peerExtendedHandshake).toEqual({ m: { ut_pex: 7 }, reqq: 500 })
    expect(wire.peerExtendedMapping).toEqual({ ut_pex: 7 })
  })

  test.each([
    ['strings', `d1:ml${'0:'.repeat(60_000)}ee`],
    ['dictionaries', `d1:xl${'de'.repeat(60_000)}ee`],
    ['text in place of numbers', `d1:md6:ut_pex3:abce13:metadata_size60000:${'x'.repeat(60_000)}e`],
  ])('a handshake of many %s leaves nothing', (_, body) => {
    wire._onExtended(0, text(body))
    expect(wire.peerExtendedHandshake).toEqual({ m: {} })
  })

  test('a hundred handshakes with new names leave none', () => {
    for (let n = 0; n < 100; n++) wire._onExtended(0, text(`d1:md${names(n * 1000)}ee`))
    expect(wire.peerExtendedMapping).toEqual({})
  })

  test('addresses that it tells of are not remembered', () => {
    const [added, dropped] = [payload('added', 6 * 1000), payload('dropped', 6 * 1000)]
    const body = [text('d5:added6000:'), added, text('7:dropped6000:'), dropped, text('e')]
    wire._onExtended(1, Buffer.concat(body))
    expect(wire.ut_pex._remoteAddedPeers).toEqual({})
    expect(wire.ut_pex._remoteDroppedPeers).toEqual({})
  })

  test('a handshake that is no dictionary changes nothing', () => {
    wire._onExtended(0, text('d1:md6:ut_pexi7eee'))
    wire._onExtended(0, text('li1ee'))
    wire._onExtended(0, text('nonsense'))
    expect(wire.peerExtendedMapping).toEqual({ ut_pex: 7 })
  })
})
