/** Bytes of an address and its port, as trackers, peers and the DHT write them (BEP 23, BEP 7). */
export const IPV4_BYTES = 6
export const IPV6_BYTES = 18

/**
 * The addresses of a compact list, as `ip:port` or `[ip]:port`, without those of port 0.
 * @param size IPV4_BYTES or IPV6_BYTES: bytes of each; what is left over at the end is ignored
 */
export function compactAddresses(list: Uint8Array, size: number, max: number): string[] {
  const addresses: string[] = []
  for (let i = 0; i + size <= list.length && addresses.length < max; i += size) {
    const at = Buffer.from(list.buffer, list.byteOffset + i, size)
    const port = at.readUInt16BE(size - 2)
    if (port === 0) continue
    addresses.push(
      size === IPV4_BYTES ? `${at.subarray(0, 4).join('.')}:${port}` : `[${ipv6(at)}]:${port}`,
    )
  }
  return addresses
}

const ipv6 = (bytes: Buffer): string =>
  Array.from({ length: 8 }, (_, i) => bytes.readUInt16BE(i * 2).toString(16)).join(':')
