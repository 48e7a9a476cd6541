import { isAscii, isUtf8 } from 'node:buffer'
import { Parser } from 'htmlparser2'
import { markOfUtf16 } from '../../../common/clean-text.ts'
import { Fault } from '../../../common/errors.ts'
import type { OutboundAnswer } from '../../../common/network/outbound.ts'
import { createEventLoopYield } from '../../../common/permits/event-loop-yield.ts'

/** One element; names in lower case with their prefix (`torznab:attr`), text of it and below. */
export interface XmlElement {
  readonly name: string
  readonly attributes: Readonly<Record<string, string>>
  readonly children: readonly XmlElement[]
  readonly text: string
}

interface Growing {
  readonly name: string
  readonly attributes: Readonly<Record<string, string>>
  readonly children: Growing[]
  text: string
}

const MAX_DEPTH = 32
const MAX_ELEMENTS = 100_000
const MAX_TEXT = 20_000

const MAX_ATTRIBUTES = 100
/** Characters that the parser is given at once. */
const SLICE = 8192

/**
 * Reads an answer leniently: feeds have stray `&`, control characters and wrong charsets. Entities
 * other than XML's five stay as they are, and a DTD is not read: so a small text cannot grow into a
 * large one ("billion laughs"), and no other file is read. Others have their turns meanwhile.
 * @throws Fault UPSTREAM_FAILED when it is not XML, or has too many levels, elements or attributes
 */
export async function parseXml(text: string): Promise<XmlElement> {
  const root: Growing = { name: '', attributes: {}, children: [], text: '' }
  const parser = createParser(root)
  const pause = createEventLoopYield()
  for (let at = text.startsWith('\ufeff') ? 1 : 0; at < text.length; at += SLICE) {
    parser.write(text.slice(at, at + SLICE))
    const paused = pause()
    if (paused) await paused
  }
  parser.end()
  const first = root.children[0]
  if (!first) throw notXml('no element')
  return first
}

/** Fills the root with what it is given. */
function createParser(root: Growing): Parser {
  const open: Growing[] = [root]
  let elements = 0
  let attributesHere = 0
  return new Parser(
    {
      onopentagname() {
        attributesHere = 0
      },
      onattribute() {
        if (++attributesHere > MAX_ATTRIBUTES) throw notXml('too many attributes')
      },
      onopentag(name, attributes) {
        if (++elements > MAX_ELEMENTS || open.length > MAX_DEPTH) throw notXml('too many elements')
        const element: Growing = { name: name.toLowerCase(), attributes, children: [], text: '' }
        open.at(-1)?.children.push(element)
        open.push(element)
      },
      ontext(piece) {
        const within = open.at(-1)
        if (within && within.text.length < MAX_TEXT) within.text += piece
      },
      onclosetag() {
        open.pop()
      },
    },
    { xmlMode: true, decodeEntities: true },
  )
}

/**
 * The text of an XML answer. What is in UTF-8 throughout is read so, for servers say another charset of everything;
 * else the charset of its header or of its first line (RFC 7303 3) counts, whichever is another one. Where that can
 * be read byte by byte, the text is not in UTF-16, though .NET says so.
 */
export function xmlText({ headers, body }: Pick<OutboundAnswer, 'headers' | 'body'>): string {
  const marked = markedCharset(body)
  if (marked !== undefined) return new TextDecoder(marked).decode(body)
  if (isUtf8(body) && !isAscii(body)) return body.toString('utf8')
  const said = /charset\s*=\s*["']?([\w.:-]{1,40})/i.exec(headers['content-type'] ?? '')?.[1]
  const written = /^[^<]{0,4}<\?xml[^>]{0,200}?encoding\s*=\s*["']([\w.:-]{1,40})/i.exec(
    body.toString('latin1', 0, 300),
  )?.[1]
  for (const charset of [said, written]) {
    const decoder = charset === undefined ? undefined : decoderOf(charset, body)
    if (decoder && decoder.encoding !== 'utf-8') return decoder.decode(body)
  }
  return body.toString('utf8')
}

/** Undefined for a charset that nobody knows. */
function decoderOf(charset: string, body: Buffer) {
  try {
    return new TextDecoder(/^(?:utf-?16|ucs)/i.test(charset) ? wideCharset(body) : charset)
  } catch {
    return undefined
  }
}

/** By a byte order mark, or by the zeros of a `<` in UTF-16. */
function markedCharset(body: Buffer): string | undefined {
  const wide = markOfUtf16(body)
  if (wide) return wide
  const [first, second] = body
  if (first === 0x3c && second === 0) return 'utf-16le'
  if (first === 0 && second === 0x3c) return 'utf-16be'
  return first === 0xef && second === 0xbb ? 'utf-8' : undefined
}

/** The elements of one name directly below. */
export const childrenOf = (element: XmlElement | undefined, name: string): readonly XmlElement[] =>
  element?.children.filter((child) => child.name === name) ?? []

export const childOf = (element: XmlElement | undefined, name: string): XmlElement | undefined =>
  element?.children.find((child) => child.name === name)

/** In UTF-16 tags have zeros behind their letters, or in front; a text that only says that it is has none. */
function wideCharset(body: Buffer): string {
  const zeros = [...body.subarray(0, 200).entries()].filter(([, byte]) => byte === 0)
  if (zeros.length === 0) return 'utf-8'
  const inFront = zeros.filter(([at]) => at % 2 === 0).length
  return inFront > zeros.length / 2 ? 'utf-16be' : 'utf-16le'
}

/** Its text without the spaces around; empty when it is not there. */
export const textOf = (element: XmlElement | undefined, name: string): string =>
  childOf(element, name)?.text.trim() ?? ''

const ENTITIES: Readonly<Record<string, string>> = {
  ...{ amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: ' ', ndash: '–', mdash: '—' },
  ...{ lsquo: '‘', rsquo: '’', szlig: 'ß', oslash: 'ø', Oslash: 'Ø', aelig: 'æ', AElig: 'Æ' },
}
const SIGNS: Readonly<Record<string, string>> = {
  ...{ acute: '\u0301', grave: '\u0300', circ: '\u0302', uml: '\u0308', tilde: '\u0303' },
  ...{ ring: '\u030a', cedil: '\u0327', caron: '\u030c' },
}
const ENTITY =
  /&(?:#(\d{1,6})|#x([\da-f]{1,5})|([a-z])(acute|grave|circ|uml|tilde|ring|cedil|caron)|([a-z]{2,6}));/gi

/** The name of an item. Some encode it twice (`Grey&amp;#39;s`), or by HTML's entities (`Am&eacute;lie`). */
export const nameOfItem = (item: XmlElement): string =>
  textOf(item, 'title').replace(ENTITY, (whole, decimal, hex, letter, sign, name) => {
    const code = decimal === undefined ? Number.parseInt(hex ?? '', 16) : Number(decimal)
    if (code <= 0x10ffff) return String.fromCodePoint(code)
    return letter ? `${letter}${SIGNS[sign.toLowerCase()]}`.normalize() : (ENTITIES[name] ?? whole)
  })

const notXml = (why: string): Fault =>
  new Fault('UPSTREAM_FAILED', {}, { cause: new Error(`no usable XML: ${why}`) })
