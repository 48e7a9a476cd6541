/** An element of EBML (RFC 8794 6) whose size takes eight bytes, whatever it is. */
export function element(id: readonly number[], ...data: readonly Uint8Array[]): Buffer {
  const length = data.reduce((sum, part) => sum + part.length, 0)
  const size = Buffer.alloc(8)
  size.writeBigUInt64BE(BigInt(length))
  size[0] = 0x01
  return Buffer.concat([Buffer.from(id), size, ...data])
}

/** @param bytes six at most */
export function number(value: number, bytes = 4): Buffer {
  const data = Buffer.alloc(bytes)
  data.writeUIntBE(value, 0, bytes)
  return data
}
