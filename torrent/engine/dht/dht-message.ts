import {
  asBytes,
  asDict,
  asList,
  asNumber,
  asText,
  type Bencoded,
  type BencodedDict,
  decodeDict,
} from '../../../common/bittorrent/bencode.ts'

/** Bytes of the id of a node, and of an info hash. */
export const ID_BYTES = 20
/** Bytes of a transaction id and of a token: two and eight are usual, what we send ourselves is 20. */
export const MAX_WORD_BYTES = 64
/** Not BEP 44: we keep no values for others. */
const QUERIES = new Set(['ping', 'find_node', 'get_peers', 'announce_peer'])

/**
 * Whether the bytes are a message of BEP 5 whose parts are of the kind that BEP 5 says, and which of the
 * two: a query, or the answer to one.
 */
export function isDhtMessage(bytes: Uint8Array): 'query' | 'answer' | undefined {
  const message = decodeDict(bytes)
  if (!isWord(message?.get('t'))) return undefined
  switch (asText(message?.get('y'))) {
    case 'q': {
      const isKnown = QUERIES.has(asText(message?.get('q')) ?? '')
      return isKnown && isBody(asDict(message?.get('a'))) ? 'query' : undefined
    }
    case 'r':
      return isBody(asDict(message?.get('r'))) ? 'answer' : undefined
    case 'e':
      return asList(message?.get('e'))?.every(isPlain) ? 'answer' : undefined
    default:
      return undefined
  }
}

/** The dictionary `a` of a query or `r` of an answer. */
function isBody(body: BencodedDict | undefined): boolean {
  if (!body || !isId(body.get('id'))) return false
  for (const name of ['target', 'info_hash']) {
    if (body.has(name) && !isId(body.get(name))) return false
  }
  for (const name of ['port', 'implied_port']) {
    if (body.has(name) && asNumber(body.get(name)) === undefined) return false
  }
  if (body.has('token') && !isWord(body.get('token'))) return false
  if (body.has('nodes') && !asBytes(body.get('nodes'))) return false
  return !body.has('values') || asList(body.get('values'))?.every((one) => asBytes(one)) === true
}

const isId = (value: Bencoded | undefined): boolean => asBytes(value)?.length === ID_BYTES
const isWord = (value: Bencoded | undefined): boolean => {
  const length = asBytes(value)?.length ?? 0
  return length > 0 && length <= MAX_WORD_BYTES
}
const isPlain = (value: Bencoded): boolean =>
  asNumber(value) !== undefined || asBytes(value) !== undefined
