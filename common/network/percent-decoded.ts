/** A part of an address with its percent signs read (RFC 3986 2.1); as it is where one of them encodes nothing. */
export function percentDecoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
