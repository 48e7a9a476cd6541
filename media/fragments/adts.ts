const HEAD = 7
const CRC = 2

/** The frames of an ADTS stream without their headers (ISO 13818-7 6.2); ends where it is broken. */
export function* adtsFrames(stream: Uint8Array): Generator<Uint8Array> {
  let at = 0
  while (at + HEAD <= stream.length) {
    const [a = 0, b = 0, , d = 0, e = 0, f = 0] = stream.subarray(at, at + HEAD)
    if (a !== 0xff || (b & 0xf6) !== 0xf0) return
    const length = ((d & 3) << 11) | (e << 3) | (f >> 5)
    const head = (b & 1) === 1 ? HEAD : HEAD + CRC
    if (length < head || at + length > stream.length) return
    yield stream.subarray(at + head, at + length)
    at += length
  }
}
