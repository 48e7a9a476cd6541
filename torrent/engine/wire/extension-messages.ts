import {
  asBytes,
  asDict,
  asNumber,
  asText,
  type BencodedDict,
  type BencodeSpan,
  bencodeText,
  decodeBencode,
  decodeDict,
} from '../../../common/bittorrent/bencode.ts'
import { compactAddresses, IPV4_BYTES, IPV6_BYTES } from '../peers/compact-addresses.ts'

/** The numbers under which peers send us each extension (BEP 10). */
export const OurExtension = { utMetadata: 1, utPex: 2 } as const

/**
 * The body of our extended handshake (BEP 10).
 * @param metadataSize bytes of the info dictionary; undefined while we do not have it
 */
export function extendedHandshake(options: {
  readonly metadataSize: number | undefined
  /** Where we accept peers; 0: nowhere. */
  readonly port: number
  readonly reqq: number
  readonly pex: boolean
}): Buffer {
  const { metadataSize, port, reqq, pex } = options
  const pexEntry = pex ? `6:ut_pexi${OurExtension.utPex}e` : ''
  const size = metadataSize === undefined ? '' : `13:metadata_sizei${metadataSize}e`
  const listening = port === 0 ? '' : `1:pi${port}e`
  const name = bencodeText('Playlink')
  return Buffer.from(
    `d1:md11:ut_metadatai${OurExtension.utMetadata}e${pexEntry}e${size}${listening}4:reqqi${reqq}e1:v${name}e`,
    'latin1',
  )
}

/** What the extended handshake of a peer says. */
export interface PeerExtensions {
  /** The peer's number for ut_metadata (BEP 9); 0: it is switched off again. */
  readonly utMetadata?: number
  /** Bytes of the info dictionary. */
  readonly metadataSize?: number
  /** How many requests the peer keeps. */
  readonly reqq?: number
  /** The client's name and version, as it says. */
  readonly client?: string
}

/** Of a client's name that is kept. */
const MAX_CLIENT_BYTES = 64

/** Undefined when the body is not a dictionary. Numbers that make no sense are left out. */
export function readExtendedHandshake(body: Uint8Array): PeerExtensions | undefined {
  const top = decodeDict(body, 'ignored')
  if (!top) return undefined
  const isWithin = (n: number | undefined, least: number, most: number): n is number =>
    n !== undefined && n >= least && n <= most
  const utMetadata = asNumber(asDict(top.get('m'))?.get('ut_metadata'))
  const [metadataSize, reqq] = [asNumber(top.get('metadata_size')), asNumber(top.get('reqq'))]
  const client = asText(asBytes(top.get('v'))?.subarray(0, MAX_CLIENT_BYTES))
  return {
    ...(isWithin(utMetadata, 0, 255) && { utMetadata }),
    ...(isWithin(metadataSize, 1, 2 ** 31) && { metadataSize }),
    ...(isWithin(reqq, 1, 2 ** 31) && { reqq }),
    ...(client !== undefined && { client }),
  }
}

/** What webtorrent reads of an extended handshake: numbers of its extensions, and other numbers. */
const READ_EXTENSIONS = ['lt_donthave', 'ut_metadata', 'ut_pex'] as const
const READ_NUMBERS = ['metadata_size', 'reqq'] as const

/**
 * The body of an extended handshake (BEP 10) with nothing but what is read of it; undefined when it is
 * not a dictionary.
 */
export function withoutUnread(body: Uint8Array): Buffer | undefined {
  const top = decodeDict(body, 'ignored')
  if (!top) return undefined
  const numbers = (dict: BencodedDict | undefined, names: readonly string[]): string =>
    names
      .map((name) => ({ name, number: asNumber(dict?.get(name)) }))
      .map(({ name, number }) => (number === undefined ? '' : `${bencodeText(name)}i${number}e`))
      .join('')
  const extensions = numbers(asDict(top.get('m')), READ_EXTENSIONS)
  return Buffer.from(`d1:md${extensions}e${numbers(top, READ_NUMBERS)}e`, 'latin1')
}

/** Of the dictionary in a metadata message: three numbers, and what somebody may add. */
const MAX_HEAD_BYTES = 1024

export type MetadataMessage =
  | { readonly kind: 'request'; readonly piece: number }
  | {
      readonly kind: 'data'
      readonly piece: number
      readonly bytes: Uint8Array
      /** Bytes of the whole info dictionary, where it says so. */
      readonly total?: number
    }
  | { readonly kind: 'reject'; readonly piece: number }

/**
 * Parses a ut_metadata message (BEP 9): a dictionary, and after it the bytes of a piece. Undefined
 * when it is not one.
 */
export function readMetadataMessage(body: Uint8Array): MetadataMessage | undefined {
  let head: BencodeSpan
  try {
    head = decodeBencode(body.subarray(0, MAX_HEAD_BYTES), 'ignored')
  } catch {
    return undefined
  }
  const top = asDict(head.value)
  const type = asNumber(top?.get('msg_type'))
  const piece = asNumber(top?.get('piece'))
  if (piece === undefined || piece < 0) return undefined
  if (type === 0) return { kind: 'request', piece }
  if (type === 1) {
    const total = asNumber(top?.get('total_size')) ?? 0
    return { kind: 'data', piece, bytes: body.subarray(head.end), ...(total > 0 && { total }) }
  }
  return type === 2 ? { kind: 'reject', piece } : undefined
}

export const metadataRequest = (piece: number): Buffer =>
  Buffer.from(`d8:msg_typei0e5:piecei${piece}ee`, 'latin1')
export const metadataReject = (piece: number): Buffer =>
  Buffer.from(`d8:msg_typei2e5:piecei${piece}ee`, 'latin1')
export const metadataData = (piece: number, total: number): Buffer =>
  Buffer.from(`d8:msg_typei1e5:piecei${piece}e10:total_sizei${total}ee`, 'latin1')

/** Addresses taken from one message, of each family: BEP 11 allows 50. */
const MAX_PEX_ADDRESSES = 50

/** The added peers of a ut_pex message (BEP 11), as `ip:port` or `[ip]:port`. */
export function readPex(body: Uint8Array): string[] {
  const top = decodeDict(body, 'ignored')
  const read = (key: string, size: number): string[] =>
    compactAddresses(asBytes(top?.get(key)) ?? new Uint8Array(), size, MAX_PEX_ADDRESSES)
  return [...read('added', IPV4_BYTES), ...read('added6', IPV6_BYTES)]
}
