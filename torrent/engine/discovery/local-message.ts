/** A message of local service discovery (BEP 14), as far as it counts. */
export interface LocalMessage {
  /** Lower-case hex. */
  readonly infoHashes: readonly string[]
  readonly port: number
  readonly cookie: string | undefined
}

/** Bytes: BEP 14 says 1400 at most. */
const MAX_MESSAGE_BYTES = 1400
const FIRST_LINE = 'BT-SEARCH * HTTP/1.1'

/** Undefined when it is none. */
export function readLocalMessage(bytes: Buffer): LocalMessage | undefined {
  if (bytes.length > MAX_MESSAGE_BYTES) return undefined
  const [first, ...lines] = bytes.toString('latin1').split(/\r?\n/)
  if (first?.trim() !== FIRST_LINE) return undefined
  const infoHashes: string[] = []
  let port = 0
  let cookie: string | undefined
  for (const line of lines) {
    const at = line.indexOf(':')
    const name = line.slice(0, Math.max(at, 0)).trim().toLowerCase()
    const value = line.slice(at + 1).trim()
    if (name === 'infohash' && /^[0-9a-f]{40}$/i.test(value)) infoHashes.push(value.toLowerCase())
    if (name === 'port' && /^\d{1,5}$/.test(value)) port = Number(value)
    if (name === 'cookie') cookie = value
  }
  return infoHashes.length > 0 && port > 0 && port < 65_536
    ? { infoHashes, port, cookie }
    : undefined
}

/** @param host of the group, with its port */
export const localMessage = (
  host: string,
  port: number,
  infoHash: string,
  cookie: string,
): Buffer =>
  Buffer.from(
    `${FIRST_LINE}\r\nHost: ${host}\r\nPort: ${port}\r\nInfohash: ${infoHash}\r\ncookie: ${cookie}\r\n\r\n\r\n`,
    'latin1',
  )
