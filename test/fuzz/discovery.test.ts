import { expect } from '@jest/globals'
import fc from 'fast-check'
import { localMessage, readLocalMessage } from '../../torrent/engine/discovery/local-message.ts'
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
