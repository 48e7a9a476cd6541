import { isIP } from 'node:net'
import { expect } from '@jest/globals'
import fc from 'fast-check'
import { Bitfield } from '../../common/bittorrent/bitfield.ts'
import {
  readExtendedHandshake,
  readMetadataMessage,
  readPex,
} from '../../torrent/engine/wire/extension-messages.ts'
import { messageCost } from '../../torrent/engine/wire/message-budget.ts'
import { readPeerAddress } from '../../torrent/engine/wire/peer-address.ts'
import {
  bitfield,
  blockMessage,
  emptyMessage,
  extended,
  handshake,
  have,
  MessageId,
  pieceHeader,
  readBlock,
  readHandshake,
} from '../../torrent/engine/wire/peer-messages.ts'
import { bencode } from '../support/bencode.ts'
import { readNaively, recordingParser } from '../torrent/engine/wire/naive-parser.ts'
import { anyBytes, mutatedBytes, pumpOf, textOf } from './arbitraries.ts'
import { fuzz } from './fuzz.ts'
import { worseThanLinear } from './growth.ts'

const hello = handshake(Buffer.alloc(20, 1), Buffer.alloc(20, 2))
const uint32 = fc.nat(0xffff_ffff)
const block = fc.record({ piece: uint32, offset: uint32, length: fc.integer({ min: 1, max: 200 }) })
const bytes = fc.uint8Array({ maxLength: 100 })
const message = fc.oneof(
  fc.constant(Buffer.alloc(4)),
  fc.integer({ min: 0, max: 3 }).map(emptyMessage),
  uint32.map(have),
  bytes.map(bitfield),
  block.map((one) => blockMessage(MessageId.request, one)),
  block.map((one) => Buffer.concat([pieceHeader(one), Buffer.alloc(one.length, one.piece)])),
  fc.tuple(fc.nat(255), bytes).map(([id, body]) => extended(id, body)),
)
const stream = fc.array(message, { maxLength: 8 }).map((all) => Buffer.concat([hello, ...all]))

/** What the parser tells of a stream that comes in chunks; each is overwritten afterwards. */
function told(whole: Buffer, chunks: readonly (readonly [number, number])[]) {
  const { parser, told: events } = recordingParser()
  for (const [start, end] of chunks) {
    const chunk = Buffer.from(whole.subarray(start, end))
    parser.push(chunk)
    chunk.fill(0xee)
  }
  return events
}

const cutAt = (whole: Buffer, ...cuts: number[]): [number, number][] =>
  [...cuts, whole.length].map((end, nth, all) => [all[nth - 1] ?? 0, end])

fuzz(
  'peer messages: split at every byte they are the same',
  fc.property(stream, (whole) => {
    const naive = readNaively(whole)
    for (let cut = 0; cut <= whole.length; cut++)
      expect(told(whole, cutAt(whole, cut))).toEqual(naive)
    expect(told(whole, cutAt(whole, ...Array(whole.length).keys()))).toEqual(naive)
  }),
  10,
)

fuzz(
  'peer messages: bytes of a hostile peer are the same messages however they are split, then an end',
  fc.property(
    fc.oneof(
      anyBytes.map((some) => Buffer.concat([hello, some])),
      stream.chain((one) => mutatedBytes([one])),
    ),
    fc.array(fc.nat(400)),
    (whole, cuts) => {
      const once = told(whole, [[0, whole.length]])
      const sorted = cuts.map((cut) => Math.min(cut, whole.length)).toSorted((a, b) => a - b)
      expect(told(whole, cutAt(whole, ...sorted))).toEqual(once)
      const ends = once.map((event) => 'broken' in event)
      expect(ends.slice(0, -1)).not.toContain(true)
    },
  ),
)

fuzz(
  'peer messages: bodies are read or ignored; numbers in them are within their limits',
  fc.property(
    fc.oneof(
      anyBytes,
      mutatedBytes([
        bencode({ m: { ut_metadata: 3, ut_pex: 2 }, metadata_size: 1000, reqq: 250 }),
        Buffer.concat([bencode({ msg_type: 1, piece: 0, total_size: 5 }), Buffer.from('bytes')]),
        bencode({ added: Buffer.alloc(600, 7), added6: Buffer.alloc(36, 9) }),
      ]),
    ),
    fc.nat(255),
    (body, id) => {
      const { utMetadata = 1, metadataSize = 1, reqq = 1 } = readExtendedHandshake(body) ?? {}
      expect(utMetadata >= 0 && utMetadata < 256 && metadataSize > 0 && reqq > 0).toBe(true)
      const metadata = readMetadataMessage(body)
      if (metadata) expect(Number.isSafeInteger(metadata.piece) && metadata.piece >= 0).toBe(true)
      const addresses = readPex(body)
      const sixes = addresses.filter((address) => address.startsWith('['))
      expect(Math.max(sixes.length, addresses.length - sixes.length)).toBeLessThanOrEqual(50)
      for (const address of addresses) {
        const read = readPeerAddress(address)
        // Port 0 is nobody's.
        if (!address.endsWith(':0')) expect(isIP(read?.host ?? '')).toBeGreaterThan(0)
      }
      expect(messageCost(id, body)).toBeGreaterThanOrEqual(0)
      expect(readBlock(body) === undefined).toBe(body.length !== 12)
      const bits = new Bitfield(id, body)
      expect(bits.count).toBe(
        [...bits.bytes].reduce((n, byte) => n + byte.toString(2).replaceAll('0', '').length, 0),
      )
    },
  ),
)

fuzz(
  'peer messages: an address has one spelling; a handshake is one or none',
  fc.property(
    textOf(['1.2.3.4', ':', '6881', '[2001:db8::1]', '::ffff:', 'a.example', '0']),
    fc.uint8Array({ minLength: 68, maxLength: 68 }),
    (text, start) => {
      const read = readPeerAddress(text)
      if (read) {
        expect(isIP(read.host)).toBeGreaterThan(0)
        expect(readPeerAddress(read.text)).toEqual(read)
      }
      expect(readHandshake(Buffer.from(start))).toBeUndefined()
      expect(
        readHandshake(Buffer.concat([hello.subarray(0, 20), start.subarray(20)]))?.infoHash,
      ).toHaveLength(20)
    },
  ),
)

fuzz(
  'peer messages: time grows with the length',
  fc.asyncProperty(
    pumpOf(['d', 'e', 'ee', 'l', 'i1e', '5:added', '8:msg_type', '0:']),
    async (pump) => {
      const works = [
        (text: string) => readExtendedHandshake(Buffer.from(text)),
        (text: string) => readMetadataMessage(Buffer.from(text)),
        (text: string) => readPex(Buffer.from(text)),
        readPeerAddress,
      ]
      for (const work of works) expect(await worseThanLinear(work, pump)).toBeUndefined()
    },
  ),
  1,
)
