import { isIP } from 'node:net'
import { expect } from '@jest/globals'
import fc from 'fast-check'
import {
  datagramHeader,
  readDatagram,
  readReply,
  replyLength,
} from '../../torrent/engine/egress/socks-messages.ts'
import { anyBytes, mutatedBytes } from './arbitraries.ts'
import { fuzz } from './fuzz.ts'

const datagrams = ['192.0.2.1', '2001:db8::1', 'a.example'].map((host) =>
  Buffer.concat([datagramHeader({ host, port: 6881 }), Buffer.from('d1:y1:re')]),
)

fuzz(
  'datagrams of a proxy: a sender with an address and a port, or nothing',
  fc.property(fc.oneof(anyBytes, mutatedBytes(datagrams)), (bytes) => {
    const found = readDatagram(Buffer.from(bytes))
    if (!found) return
    expect(isIP(found.from.host)).not.toBe(0)
    expect(found.from.port).toBeGreaterThan(0)
    expect(found.payload.length).toBeLessThan(bytes.length)
  }),
)

fuzz(
  'replies of a proxy: read to their end, or refused',
  fc.property(fc.oneof(anyBytes, mutatedBytes(datagrams)), (bytes) => {
    const head = Buffer.from(bytes)
    let length: number
    try {
      length = replyLength(head)
    } catch (error) {
      expect(String(error)).toContain('makes no sense')
      return
    }
    // At most a name of 255 bytes.
    expect(length).toBeLessThanOrEqual(262)
    expect(typeof readReply(head).status).toBe('number')
  }),
)
