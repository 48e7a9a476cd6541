import { inflateSync } from 'node:zlib'
import { type Element, elementsIn, fieldsOf } from '../ebml/ebml.ts'

// RFC 9559 5.1.4
const ID = {
  entry: 0xae,
  number: 0xd7,
  type: 0x83,
  codec: 0x86,
  language: 0x22b59c,
  name: 0x536e,
  forced: 0x55aa,
  encodings: 0x6d80,
  encoding: 0x6240,
  compression: 0x5034,
  algorithm: 0x4254,
  settings: 0x4255,
  encryption: 0x5035,
} as const

const SUBTITLE = 17
const MOST_TRACKS = 100
const MOST_TEXT = 64 << 10

/** A track of text, and how to read a block of it. */
export interface MatroskaText {
  readonly id: number
  readonly language: string
  readonly title: string
  readonly isForced: boolean
  readonly isAss: boolean
  /** The bytes of a block as they were before the file was written. @throws Error */
  unpack(data: Uint8Array): Uint8Array
}

/** Tracks of subtitles that are text, from the Tracks element. */
export function textTracksOf(bytes: Uint8Array): readonly MatroskaText[] {
  const texts: MatroskaText[] = []
  for (const entry of elementsIn(bytes)) {
    if (entry.id !== ID.entry || texts.length === MOST_TRACKS) continue
    const text = textOf(bytes, entry)
    if (text) texts.push(text)
  }
  return texts
}

function textOf(bytes: Uint8Array, entry: Element): MatroskaText | undefined {
  const fields = fieldsOf(bytes, entry.start, entry.end)
  const text = (id: number): string => fields.text(id)?.slice(0, 200) ?? ''
  const codec = text(ID.codec)
  const encodings = fields.one(ID.encodings)
  const unpack = encodings ? unpackerOf(bytes, encodings) : (data: Uint8Array) => data
  if (fields.number(ID.type) !== SUBTITLE || !/^(?:S_TEXT\/|D_WEBVTT)/.test(codec) || !unpack) {
    return undefined
  }
  const language = fields.one(ID.language) ? text(ID.language) : 'eng'
  return {
    id: fields.number(ID.number),
    language: /^[\w-]{2,35}$/.test(language) ? language : 'und',
    title: text(ID.name),
    isForced: fields.number(ID.forced) === 1,
    isAss: /^S_TEXT\/(?:ASS|SSA)$/.test(codec),
    unpack,
  }
}

/** Undefined: it is encrypted, or packed in a way that nobody uses for text. */
function unpackerOf(bytes: Uint8Array, encodings: Element) {
  const all = [...elementsIn(bytes, encodings.start, encodings.end)]
  const [first] = all
  if (all.length !== 1 || first?.id !== ID.encoding) return undefined
  const parts = fieldsOf(bytes, first.start, first.end)
  const compression = parts.one(ID.compression)
  if (!compression || parts.one(ID.encryption)) return undefined
  const fields = fieldsOf(bytes, compression.start, compression.end)
  const kind = fields.number(ID.algorithm)
  const settings = fields.one(ID.settings)
  const head = settings ? bytes.slice(settings.start, settings.end) : new Uint8Array()
  if (kind === 0) {
    return (data: Uint8Array): Uint8Array => inflateSync(data, { maxOutputLength: MOST_TEXT })
  }
  // The same first bytes, left out of every block.
  return kind === 3 ? (data: Uint8Array) => Buffer.concat([head, data]) : undefined
}
