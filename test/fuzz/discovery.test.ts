import { expect } from '@jest/globals'
import fc from 'fast-check'
import { splitDhtNode } from '../../common/bittorrent/dht-nodes.ts'
import { dhtQuery, readDhtAnswer } from '../../torrent/engine/dht/dht-query.ts'
import { localMessage, readLocalMessage } from '../../torrent/engine/discovery/local-message.ts'
import { readHashAnswer } from '../../torrent/engine/metadata/hash-messages.ts'
import { bencode } from '../support/bencode.ts'
import { anyBytes, mutatedBytes } from './arbitraries.ts'
import { fuzz } from './fuzz.ts'

const honest = localMessage('239.192.152.143:6771', 6881, 'ab'.repeat(20), 'cookie')

fuzz(
  'local discovery: torrents and a port, or nothing, whatever the bytes',
  fc.property(fc.oneof(anyBytes, mutatedBytes([honest])), (bytes) => {
    const read = readLocalMessage(bytes)
    if (!read) return
    expect(read.port).toBeGreaterThan(0)
    expect(read.port).toBeLessThan(65_536)
    for (const infoHash of read.infoHashes) expect(infoHash).toMatch(/^[0-9a-f]{40}$/)
  }),
)

const t = Buffer.from('abcd')
const id = Buffer.alloc(20, 1)
const answers = [
  bencode({ t, y: 'r', r: { id, nodes6: Buffer.alloc(76, 7), token: 'token' } }),
  bencode({ t, y: 'r', r: { id, values: [Buffer.alloc(18, 3), Buffer.alloc(6, 4), 'x'] } }),
  dhtQuery({ q: 'get_peers', infoHash: id }, id, t),
]
fuzz(
  'the DHT over IPv6: nodes and peers with a port each, or nothing, whatever the bytes',
  fc.property(fc.oneof(anyBytes, mutatedBytes(answers)), (bytes) => {
    const read = readDhtAnswer(bytes, t)
    if (!read) return
    expect([read.id.length, read.nodes.length <= 16, read.peers.length <= 100]).toEqual([
      ...[20, true, true],
    ])
    expect((read.token?.length ?? 0) <= 64).toBe(true)
    for (const address of [...read.nodes.map((node) => node.address), ...read.peers]) {
      expect(splitDhtNode(address).port).toBeGreaterThan(0)
    }
  }),
)

fuzz(
  'hashes of v2: whole ones behind a request, or nothing, whatever the bytes',
  fc.property(anyBytes, (bytes) => {
    const read = readHashAnswer(Buffer.from(bytes))
    if (!read) return
    expect([read.request.length, read.hashes.length % 32]).toEqual([48, 0])
  }),
)
