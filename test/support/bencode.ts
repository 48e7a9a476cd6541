/** What bencoding can say (BEP 3). Keys of a dictionary are sorted as raw bytes when written. */
export type Bencodable =
  | number
  | string
  | Uint8Array
  | readonly Bencodable[]
  | { readonly [key: string]: Bencodable | undefined }

const text = (value: string): Buffer => Buffer.from(value, 'utf8')

/** Numbers are written as they stand: a hostile length is the caller's business. */
export function bencode(value: Bencodable): Buffer {
  if (typeof value === 'number') return text(`i${BigInt(value)}e`)
  if (typeof value === 'string') return bencode(text(value))
  if (value instanceof Uint8Array) return Buffer.concat([text(`${value.length}:`), value])
  if (isList(value)) return Buffer.concat([text('l'), ...value.map(bencode), text('e')])
  const parts: Buffer[] = []
  for (const key of Object.keys(value).sort()) {
    const inner = value[key]
    if (inner !== undefined) parts.push(bencode(key), bencode(inner))
  }
  return Buffer.concat([text('d'), ...parts, text('e')])
}

const isList = (value: object): value is readonly Bencodable[] => Array.isArray(value)

/** The integer a peer's message names, e.g. `piece` of a ut_metadata request; undefined when absent. */
export function bencodedInteger(message: Buffer, key: string): number | undefined {
  const mark = `${key.length}:${key}i`
  const at = message.indexOf(mark)
  if (at < 0) return undefined
  const end = message.indexOf('e', at + mark.length)
  return Number(message.toString('latin1', at + mark.length, end))
}
