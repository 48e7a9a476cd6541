import { isUtf8 } from 'node:buffer'

/** Node gives headers as Latin-1; an address with letters beyond ASCII, which it should not have, is UTF-8. */
export function locationOf(header: string): string {
  const bytes = Buffer.from(header, 'latin1')
  return isUtf8(bytes) ? bytes.toString() : header
}
