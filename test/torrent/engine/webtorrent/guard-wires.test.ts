import { beforeAll, expect, test } from '@jest/globals'
import Wire from 'bittorrent-protocol'
import { guardWires } from '../../../../torrent/engine/webtorrent/guard-wires.ts'
import type { WtWireInternals } from '../../../../torrent/engine/webtorrent/webtorrent-types.ts'
import { handshake } from '../../../../torrent/engine/wire/peer-messages.ts'
import { timesAsLong } from '../../../support/ratio.ts'
import { payload } from '../../../support/swarm/payload.ts'

type TestWire = WtWireInternals & {
  on(event: 'bitfield', heard: (pieces: { readonly buffer: Uint8Array }) => void): void
}

beforeAll(() => guardWires())

function afterHandshake(): TestWire {
  const wire = new Wire('tcpIncoming', 0) as unknown as TestWire
  write(wire, handshake(payload('hash', 20), payload('peer', 20)))
  return wire
}
const write = (wire: TestWire, bytes: Uint8Array): void => wire._write(bytes, () => {})

/** A bitfield of so many bytes. */
function bitfield(bytes: number): Buffer {
  const head = Buffer.from([0, 0, 0, 0, 5])
  head.writeUInt32BE(bytes + 1)
  return Buffer.concat([head, payload('bitfield', bytes)])
}

function* inParts(message: Buffer, bytes: number): Iterable<Buffer> {
  for (let at = 0; at < message.length; at += bytes) yield message.subarray(at, at + bytes)
}

test.each([1, 3, 255, 256, 257, 100_000])(
  'a message in parts of %d bytes is read as one',
  (size) => {
    const wire = afterHandshake()
    const heard: Uint8Array[] = []
    wire.on('bitfield', (pieces) => void heard.push(Buffer.from(pieces.buffer)))
    const message = bitfield(5000)
    for (const part of inParts(Buffer.concat([message, message]), size)) write(wire, part)
    const sent = payload('bitfield', 5000)
    expect(heard.map((bytes) => sent.equals(bytes.subarray(0, 5000)))).toEqual([true, true])
    expect([wire._buffer.length, wire._bufferSize]).toEqual([0, 0])
    wire.destroy()
  },
)

test('the parts of one that never ends take few objects', () => {
  const wire = afterHandshake()
  for (const part of inParts(bitfield(100_000).subarray(0, 60_000), 1)) write(wire, part)
  expect(wire._bufferSize).toBe(60_000 - 4)
  expect(wire._buffer.length).toBeLessThanOrEqual(256)
  wire.destroy()
})

test('byte by byte takes as long as the message is, not as its square', async () => {
  const slowly = (bytes: number, times: number) => (): void => {
    for (let n = 0; n < times; n++) {
      const wire = afterHandshake()
      for (const part of inParts(bitfield(bytes), 1)) write(wire, part)
      wire.destroy()
    }
  }
  expect(await timesAsLong(slowly(100_000, 1), slowly(10_000, 10))).toBeLessThan(4)
})
