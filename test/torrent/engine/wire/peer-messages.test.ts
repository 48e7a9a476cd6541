import { describe, expect, test } from '@jest/globals'
import * as messages from '../../../../torrent/engine/wire/peer-messages.ts'
import { payload } from '../../../support/swarm/payload.ts'

const { MessageId } = messages
const block = { piece: 0xffff_fffe, offset: 16384, length: 77 }

describe('the handshake', () => {
  const infoHash = payload('hash', 20)
  const peerId = payload('id', 20)

  test('is read as it was written: BEP 10 and BEP 6 are offered', () => {
    const read = messages.readHandshake(messages.handshake(infoHash, peerId))
    expect(read).toEqual({ infoHash, peerId, extended: true, fast: true, dht: false })
  })

  test('says that a node of the DHT may be told of where it may (BEP 5)', () => {
    expect(messages.readHandshake(messages.handshake(infoHash, peerId, true))?.dht).toBe(true)
  })

  test('without extensions', () => {
    const bytes = messages.handshake(infoHash, peerId)
    bytes.fill(0, 20, 28)
    expect(messages.readHandshake(bytes)).toMatchObject({ extended: false, fast: false })
  })

  test('of another protocol is none', () => {
    expect(messages.readHandshake(payload('key exchange', 68))).toBe(undefined)
  })
})

describe('messages (BEP 3, 6, 10)', () => {
  test.each([
    ['choke', messages.emptyMessage(MessageId.choke), '0000000100'],
    ['have', messages.have(258), '000000050400000102'],
    ['bitfield', messages.bitfield(Buffer.from([0xa0, 0x01])), '0000000305a001'],
    [
      'request',
      messages.blockMessage(MessageId.request, block),
      '0000000d06fffffffe000040000000004d',
    ],
    ['piece', messages.pieceHeader(block), '0000005607fffffffe00004000'],
    ['extended', messages.extended(3, Buffer.from('d'), Buffer.from('e')), '0000000414036465'],
  ])('%s', (_name, bytes, hex) => {
    expect(bytes.toString('hex')).toBe(hex)
  })

  test('a block message is read back; of another length it is none', () => {
    const message = messages.blockMessage(MessageId.cancel, block)
    expect(messages.readBlock(message.subarray(5))).toEqual(block)
    expect(messages.readBlock(message.subarray(5, 16))).toBe(undefined)
    expect(messages.readBlock(Buffer.alloc(13))).toBe(undefined)
  })

  test('several are written into one buffer', () => {
    const both = Buffer.alloc(2 * messages.BLOCK_MESSAGE_BYTES)
    messages.writeBlockMessage(both, 0, MessageId.request, block)
    messages.writeBlockMessage(both, messages.BLOCK_MESSAGE_BYTES, MessageId.reject, block)
    const wanted = [MessageId.request, MessageId.reject].map((id) =>
      messages.blockMessage(id, block),
    )
    expect(both.equals(Buffer.concat(wanted))).toBe(true)
  })
})
