import { type Mapping, MappingRefused } from './mapping.ts'

export const NAT_PMP_PORT = 5351
const [VERSION, MAP_TCP, ANSWER] = [0, 2, 128]
const ANSWER_BYTES = 16
/** RFC 6886 3.5. */
const RESULTS = [
  'success',
  'it speaks another version',
  'it refuses',
  'it has no network itself',
  'it has no port left',
  'it does not know the request',
]

/** @param lifetime seconds; 0 removes the mapping */
export function mapRequest(port: number, externalPort: number, lifetime: number): Buffer {
  const bytes = Buffer.alloc(12)
  bytes[0] = VERSION
  bytes[1] = MAP_TCP
  bytes.writeUInt16BE(port, 4)
  bytes.writeUInt16BE(externalPort, 6)
  bytes.writeUInt32BE(lifetime, 8)
  return bytes
}

/**
 * Undefined when it is no answer to a request for this port.
 * @throws MappingRefused
 */
export function readMapping(bytes: Buffer, port: number): Mapping | undefined {
  if (bytes.length < 8 || bytes[1] !== ANSWER + MAP_TCP) return undefined
  const result = bytes.readUInt16BE(2)
  if (result !== 0) throw new MappingRefused(RESULTS[result] ?? `it says ${result}`)
  if (bytes[0] !== VERSION || bytes.length < ANSWER_BYTES) return undefined
  if (bytes.readUInt16BE(8) !== port) return undefined
  const externalPort = bytes.readUInt16BE(10)
  return externalPort === 0 ? undefined : { externalPort, lifetime: bytes.readUInt32BE(12) }
}
