import { expect } from '@jest/globals'
import fc from 'fast-check'
import { MappingRefused } from '../../torrent/port-map/mapping.ts'
import { readMapping } from '../../torrent/port-map/nat-pmp-messages.ts'
import {
  readControlPoint,
  readErrorCode,
  readLocation,
} from '../../torrent/port-map/upnp-messages.ts'
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

const found = Buffer.from(
  'HTTP/1.1 200 OK\r\nLOCATION: http://192.168.1.1:5000/root.xml\r\nST: x\r\n\r\n',
)
const described = Buffer.from(
  '<root><URLBase>http://192.168.1.1:5000/</URLBase><service><serviceType>urn:schemas-upnp-org:service:WANIPConnection:1</serviceType><controlURL>/ctl</controlURL></service></root>',
)

fuzz(
  'what a router says of itself leads to nobody else',
  fc.property(
    fc.oneof(anyBytes, mutatedBytes([found])),
    fc.oneof(anyBytes, mutatedBytes([described])),
    (search, description) => {
      const location = readLocation(Buffer.from(search), '192.168.1.1')
      if (location) expect(location.hostname).toBe('192.168.1.1')
      const text = Buffer.from(description).toString('utf8')
      const base = new URL('http://192.168.1.1:5000/root.xml')
      const point = readControlPoint(text, base, '192.168.1.1')
      if (point) expect(point.url.hostname).toBe('192.168.1.1')
      readErrorCode(text)
    },
  ),
)
