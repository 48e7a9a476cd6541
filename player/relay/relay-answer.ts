import { once } from 'node:events'
import type { Readable } from 'node:stream'
import { Fault } from '../../common/errors.ts'
import { isVideo, videoExtension } from '../../common/media-types.ts'
import { codingOf } from '../../common/network/content-coding.ts'
import type { OutboundStream } from '../../common/network/outbound.ts'

/** What another server says of a link's bytes. */
export interface LinkFacts {
  readonly size: number
  /** Its strong validator (RFC 9110 8.8.3); undefined when it has none. */
  readonly etag: string | undefined
  /** Whether it sends parts (RFC 9110 14). */
  readonly ranged: boolean
  /** As it says, lower case and without parameters. */
  readonly type: string
}

/** The largest body that is relayed: more is no film. */
const MAX_BYTES = 2 ** 40
/** `bytes 0-99/100`; `bytes *\/0` of an empty file. Some servers write `bytes=` as in a request, or leave the unit out. */
const PART_OF_WHOLE = /^(?:bytes[ =])? ?(?:(\d{1,15}) ?- ?(\d{1,15})|\*) ?\/ ?(\d{1,15})$/i
/** What servers call bytes that they do not look into, or want to have saved; and films by odd names. */
const UNNAMED =
  /^(?:(?:application|binary|content)\/(?:(?:x-)?octet-?stream|(?:x-)?(?:force-)?download|unknown|mp4|ogg|(?:x-)?matroska|vnd\.rn-realmedia(?:-vbr)?))?$/

const failed = (why: string): Fault =>
  new Fault('UPSTREAM_FAILED', {}, { cause: new Error(`relayed link: ${why}`) })

/**
 * Reads the answer to a request for the bytes from `start` to the end.
 * @throws Fault UPSTREAM_FAILED when its body is not these bytes: another status, another place, a
 *   text (a page or a playlist may hold the very key that is not to be shown), compressed, no length
 */
export function readLinkAnswer(
  { status, headers }: Pick<OutboundStream, 'status' | 'headers'>,
  start: number,
): LinkFacts {
  const type = (headers['content-type'] ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? ''
  const [, from, to, total] = PART_OF_WHOLE.exec(headers['content-range'] ?? '') ?? []
  const strong = /^"[\x21\x23-\x7e]*"$/.exec(headers.etag ?? '')?.[0]
  if (status === 416 && start === 0 && total === '0') {
    return { size: 0, etag: strong, ranged: false, type }
  }
  if (status !== 200 && status !== 206) throw failed(`answered ${status}`)
  if (codingOf(headers['content-encoding']) !== 'identity') throw failed('compressed')
  if (!/^(?:video|audio)\/(?!.*mpegurl)/.test(type) && !UNNAMED.test(type)) throw failed('no video')
  const ranged = status === 206
  const size = ranged
    ? Number(total ?? Number.NaN)
    : Number(headers['content-length'] ?? Number.NaN)
  if (!Number.isSafeInteger(size)) throw failed('of no known length')
  if (size > MAX_BYTES) throw failed(`of ${size} bytes`)
  if (ranged && (Number(from) !== start || Number(to) >= size)) throw failed('another part')
  if (!ranged && start > 0) throw failed('the whole in place of a part')
  return { size, etag: strong, ranged, type }
}

/** Of playlists, pages, JSON and lists of addresses, in text throughout: bytes begin as they like. */
const TEXT_BEGINS = /^(?:\ufeff|\s)*(?:#EXT|#!|[<{[]|https?:\/\/)/i
const LONGEST_BEGINNING = 64
/** What stands in no text: control characters, and what is not UTF-8. A character may be cut at the end. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const NO_TEXT = /[\0-\x08\x0e-\x1f]|\ufffd(?!$)/

/**
 * Looks at the first bytes of a body, which stay in it: servers call a playlist
 * `application/octet-stream`, and it may hold the very key that is not to be shown.
 * @throws Fault UPSTREAM_FAILED when they are those of a text, or none come
 */
export async function refuseText(body: Readable, signal: AbortSignal): Promise<void> {
  if (body.readableLength === 0) {
    await once(body, 'readable', { signal }).catch(() => {
      signal.throwIfAborted()
      throw failed('ended before its first byte')
    })
  }
  const chunk: Buffer | null = body.read()
  if (chunk === null) throw failed('without a byte')
  body.unshift(chunk)
  const beginning = chunk.toString('utf8', 0, LONGEST_BEGINNING)
  if (TEXT_BEGINS.test(beginning) && !NO_TEXT.test(beginning)) throw failed('a text')
}

/** The name, with an extension by which it gets its type from our own table. */
export function nameWithType(name: string, type: string): string {
  const extension = isVideo(name) ? undefined : videoExtension(type)
  return extension === undefined ? name : `${name || 'video'}.${extension}`
}
