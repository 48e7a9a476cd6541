import { describe, expect, test } from '@jest/globals'
import {
  bitfield,
  blockMessage,
  emptyMessage,
  extended,
  HANDSHAKE_BYTES,
  handshake,
  have,
  MessageId,
  pieceHeader,
} from '../../../../torrent/engine/wire/peer-messages.ts'
import { WireParser } from '../../../../torrent/engine/wire/wire-parser.ts'
import { type SeededRandom, seededRandom } from '../../../common/seeded-random.ts'
import { payload } from '../../../support/swarm/payload.ts'
import { readNaively, recordingParser } from './naive-parser.ts'

const hello = handshake(payload('hash', 20), payload('id', 20))
const block = { piece: 3, offset: 16384, length: 100 }
const keepAlive = Buffer.alloc(4)

function randomMessage(random: SeededRandom): Buffer {
  const length = 1 + (random.below(5) === 0 ? random.below(16_384) : random.below(40))
  const some = { piece: random.below(2 ** 32), offset: random.below(2 ** 32), length }
  return random.pick<() => Buffer>([
    () => keepAlive,
    () => emptyMessage(random.below(4)),
    () => have(some.piece),
    () => bitfield(payload('bits', random.below(300))),
    () => blockMessage(MessageId.request, some),
    () => Buffer.concat([pieceHeader(some), payload('block', length)]),
    () => pieceHeader({ ...some, length: 0 }),
    () => extended(random.below(256), payload('talk', random.below(20_000))),
    () => Buffer.concat([Buffer.from([0, 0, 0, 3, 99]), payload('unknown', 2)]),
  ])()
}

/**
 * Pushes the stream in chunks and overwrites each afterwards, as happens to the socket's buffer.
 */
function pushCut(parser: WireParser, stream: Buffer, cut: () => number): void {
  for (let at = 0; at < stream.length; ) {
    const chunk = Buffer.from(stream.subarray(at, at + cut()))
    parser.push(chunk)
    at += chunk.length
    chunk.fill(0xee)
  }
}

describe('WireParser', () => {
  test.each([1, 2, 7, 64, 1000, 20_000, 300_000])(
    'reads what a naive parser reads, in chunks of up to %d bytes',
    (most) => {
      for (let round = 0; round < 12; round++) {
        const random = seededRandom(most * 100 + round)
        const messages = Array.from({ length: 30 }, () => randomMessage(random))
        const stream = Buffer.concat([hello, ...messages])
        const { parser, told } = recordingParser()
        pushCut(parser, stream, () => 1 + random.below(most))
        expect(told).toEqual(readNaively(stream))
      }
    },
  )

  test('cut in two at every byte', () => {
    const stream = Buffer.concat([
      ...[hello, keepAlive, emptyMessage(MessageId.unchoke), have(7), bitfield(payload('bits', 9))],
      ...[pieceHeader(block), payload('block', 100), extended(0, payload('talk', 30)), keepAlive],
    ])
    const wanted = readNaively(stream)
    for (let at = 0; at <= stream.length; at++) {
      const { parser, told } = recordingParser()
      parser.push(Buffer.from(stream.subarray(0, at)))
      parser.push(Buffer.from(stream.subarray(at)))
      expect(told).toEqual(wanted)
    }
  })

  test('a placement that is taken away is not written to any more, and the stream goes on', () => {
    const { parser, told, open } = recordingParser()
    parser.push(Buffer.concat([hello, pieceHeader(block), Buffer.alloc(40, 1)]))
    const [placement] = open
    const target = placement?.target
    if (placement) placement.target = undefined
    parser.push(Buffer.concat([Buffer.alloc(60, 2), have(1)]))
    expect(target?.equals(Buffer.concat([Buffer.alloc(40, 1), Buffer.alloc(60)]))).toBe(true)
    expect(told.slice(1)).toEqual([
      { block, bytes: 'nowhere' },
      { id: MessageId.have, body: '00000001' },
    ])
  })

  test('an unwanted block is skipped; currentBlock names it until its last byte', () => {
    const { parser, told } = recordingParser(() => undefined)
    parser.push(Buffer.concat([hello, pieceHeader(block), Buffer.alloc(99)]))
    expect(parser.currentBlock).toEqual({ block, placement: undefined })
    parser.push(Buffer.alloc(1))
    expect(parser.currentBlock).toEqual({ block: undefined, placement: undefined })
    expect(told.slice(1)).toEqual([{ block, bytes: 'nowhere' }])
  })

  const head = (length: number, ...rest: number[]): Buffer => {
    const bytes = Buffer.alloc(4)
    bytes.writeUInt32BE(length)
    return Buffer.concat([bytes, Buffer.from(rest)])
  }
  test.each([
    ['a message of 4 GiB', head(0xffff_ffff, MessageId.extended)],
    ['a message just too long', head(128 * 1024 + 1, MessageId.bitfield)],
    ['a block just too long', head(9 + 16_385, MessageId.piece)],
    ['a block of 4 GiB', head(0xffff_ffff, MessageId.piece)],
    ['a block without an offset', head(8, MessageId.piece)],
    ['a block of one byte in all', head(1, MessageId.piece)],
  ])('%s: a protocol error, reported once, and nothing is read after it', (_what, hostile) => {
    for (const chunk of [1, 3, 1000]) {
      const { parser, told } = recordingParser()
      pushCut(parser, Buffer.concat([hello, have(2), hostile, have(3)]), () => chunk)
      parser.push(have(4))
      expect(told.slice(1)).toEqual([{ id: MessageId.have, body: '00000002' }, { broken: true }])
    }
  })

  test('the longest messages that are allowed pass', () => {
    const { parser, told } = recordingParser()
    const longest = { piece: 0, offset: 0, length: 16_384 }
    const bits = bitfield(Buffer.alloc(128 * 1024 - 1))
    pushCut(
      parser,
      Buffer.concat([hello, bits, pieceHeader(longest), Buffer.alloc(16_384)]),
      () => 999,
    )
    expect(told.length).toBe(3)
  })

  test('stop() in the middle of a chunk: the rest of the chunk is not parsed', () => {
    const seen: number[] = []
    const parser: WireParser = new WireParser({
      handshake: () => {},
      message(id) {
        seen.push(id)
        parser.stop()
      },
      blockBegins: () => undefined,
      blockEnds: () => {},
      nothing: () => undefined,
      protocolError: () => {},
    })
    parser.push(
      Buffer.concat([hello, emptyMessage(MessageId.unchoke), emptyMessage(MessageId.choke)]),
    )
    parser.push(emptyMessage(MessageId.choke))
    expect(seen).toEqual([MessageId.unchoke])
    expect(hello.length).toBe(HANDSHAKE_BYTES)
  })
})
