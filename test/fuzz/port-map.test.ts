import { expect } from '@jest/globals'
import fc from 'fast-check'
import { MappingRefused, readMapping } from '../../torrent/port-map/nat-pmp-messages.ts'
import { anyBytes, mutatedBytes } from './arbitraries.ts'
import { fuzz } from './fuzz.ts'

const granted = Buffer.from('008200000000000012341234000000ff', 'hex')

fuzz(
  'answers of a gateway: a port, nothing, or a refusal',
  fc.property(fc.oneof(anyBytes, mutatedBytes([granted])), (bytes) => {
    try {
      const mapping = readMapping(Buffer.from(bytes), 0x1234)
      if (!mapping) return
      expect(mapping.externalPort).toBeGreaterThan(0)
      expect(mapping.lifetime).toBeGreaterThanOrEqual(0)
    } catch (error) {
      expect(error).toBeInstanceOf(MappingRefused)
    }
  }),
)
