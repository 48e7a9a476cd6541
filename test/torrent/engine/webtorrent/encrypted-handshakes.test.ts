import crypto from 'node:crypto'
import { expect, jest, test } from '@jest/globals'
import Wire from 'bittorrent-protocol'
import { guardWires } from '../../../../torrent/engine/webtorrent/guard-wires.ts'

test('a hundred encrypted handshakes cost one pair of keys', () => {
  const made = jest.spyOn(crypto, 'createDiffieHellman')
  guardWires()
  const answers = Array.from({ length: 100 }, () => {
    const wire = new Wire('tcpIncoming', 1) as unknown as {
      write(bytes: Uint8Array): void
      _encryptor: { handleStepB1(key: Uint8Array): void; generateStepB2(): Uint8Array }
    }
    wire._encryptor.handleStepB1(Buffer.alloc(96, 5))
    return wire._encryptor.generateStepB2()
  })
  expect(made).toHaveBeenCalledTimes(1)
  expect(answers.every((answer) => answer.length >= 96)).toBe(true)
})
