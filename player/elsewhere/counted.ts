import type { ByteReader } from '../../common/byte-reader.ts'

/** The same reader; `came` is told how many bytes each read has brought. */
export const counted = (reader: ByteReader, came: (bytes: number) => void): ByteReader => ({
  async read(into) {
    const bytes = await reader.read(into)
    came(bytes)
    return bytes
  },
  close: () => reader.close(),
})
