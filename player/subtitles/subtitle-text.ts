import { TextDecoder } from 'node:util'
import chardet from 'chardet'
import { extension } from '../../common/media-types.ts'

interface Cue {
  /** Seconds. */
  readonly start: number
  readonly end: number
  readonly text: string
}

/** A subtitle file as WebVTT; `name` tells its format. What cannot be read of it is left out. */
export function webVtt(bytes: Uint8Array, name: string): string {
  const text = decoded(bytes).replace(/\r\n?/g, '\n')
  if (/^WEBVTT(?:[ \t\n]|$)/.test(text)) return text
  const ssa = /^(?:ass|ssa)$/.test(extension(name)) || /^\[Script Info\]/m.test(text.slice(0, 500))
  const cues = ssa ? assCues(text) : srtCues(text)
  const blocks = cues.map(({ start, end, text: words }) => {
    return `${time(start)} --> ${time(end)}\n${words}\n`
  })
  return ['WEBVTT\n', ...blocks].join('\n')
}

/** UTF-16 when it has a byte order mark; else UTF-8 when it is valid; else the charset that fits the bytes best. */
function decoded(bytes: Uint8Array): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return new TextDecoder('utf-16le').decode(bytes)
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return new TextDecoder('utf-16be').decode(bytes)
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return charset(bytes).decode(bytes)
  }
}

/** Bytes to judge the charset by, from the first one that is not ASCII. */
const SAMPLE = 64 * 1024

function charset(bytes: Uint8Array): TextDecoder {
  try {
    const first = bytes.findIndex((byte) => byte > 127)
    const sample = bytes.subarray(first, first + SAMPLE)
    return new TextDecoder(chardet.detect(sample) ?? 'windows-1252')
  } catch {
    // chardet named a charset that Node cannot decode. Most old western files are Windows-1252.
    return new TextDecoder('windows-1252')
  }
}

const TIMES =
  /^\s*(\d{1,3}):(\d{1,2}):(\d{1,2})[,.](\d{1,3})\s*-->\s*(\d{1,3}):(\d{1,2}):(\d{1,2})[,.](\d{1,3})/

/** Found by their lines of times: in many files, numbers and empty lines are missing or wrong. */
function srtCues(text: string): Cue[] {
  const lines = text.split('\n')
  const starts = lines.flatMap((line, at) => (TIMES.test(line) ? [at] : []))
  return starts.flatMap((at, nth) => {
    const [, ...numbers] = TIMES.exec(lines[at] ?? '') ?? []
    const next = starts[nth + 1]
    const body = lines.slice(at + 1, next ?? lines.length)
    // The line before the next cue's times is its number.
    if (next !== undefined && /^\s*\d+\s*$/.test(body.at(-1) ?? '')) body.pop()
    const words = marked(body.join('\n').trim())
    if (words === '') return []
    return [{ start: seconds(numbers.slice(0, 4)), end: seconds(numbers.slice(4)), text: words }]
  })
}

const seconds = ([h = '', m = '', s = '', ms = '']: readonly string[]): number =>
  Number(h) * 3600 + Number(m) * 60 + Number(s) + Number(`0.${ms}`)

/**
 * Keeps bold, italic and underline, removes every other tag, and escapes a lone `<` or `&`. The
 * patterns stop at the next opening bracket, so that a line of nothing but brackets takes linear time.
 */
function marked(text: string): string {
  return text
    .replace(/\{\\[^{}\n]*\}/g, '')
    .replace(/<(?!\/?[biu]>)\/?[a-z][^<>\n]*>/gi, '')
    .replace(/&(?!(?:amp|lt|gt|nbsp|lrm|rlm);)/g, '&amp;')
    .replace(/<(?!\/?[biu]>)/gi, '&lt;')
    .replace(/-->/g, '--&gt;')
    .replace(/\n{2,}/g, '\n')
}

const ASS_TIME = /^(\d{1,2}):(\d{1,2}):(\d{1,2})[.:](\d{1,3})$/
const DRAWING = /\{[^{}\n]*\\p[1-9]/

/**
 * The text of Advanced SubStation Alpha, in the order of its times, without drawings. Parsed here,
 * because a hostile line keeps parsers of the whole format busy for minutes.
 */
function assCues(text: string): Cue[] {
  const [, events = ''] = text.split(/^\[Events\][ \t]*$/im)
  const columns = /^Format:(.{0,300})$/im.exec(events)?.[1]?.split(',') ?? []
  const names = columns.map((name) => name.trim().toLowerCase())
  const [start, end] = [names.indexOf('start'), names.indexOf('end')]
  return events
    .split('\n')
    .filter((line) => line.startsWith('Dialogue:') && !DRAWING.test(line))
    .map((line) => {
      const fields = line.slice('Dialogue:'.length).split(',')
      // The text is the last column, and may contain commas.
      const raw = fields.slice(names.length - 1).join(',')
      // Text in braces is formatting or a comment.
      const lines = raw.replace(/\{[^{}]*\}/g, '').replace(/\\N|\\n/g, '\n')
      const plain = marked(lines.replace(/\\h/g, ' ')).trim()
      return { start: assTime(fields[start]), end: assTime(fields[end]), text: plain }
    })
    .filter((cue) => cue.text !== '' && cue.end > cue.start)
    .toSorted((a, b) => a.start - b.start)
}

function assTime(text = ''): number {
  const [, ...numbers] = ASS_TIME.exec(text.trim()) ?? []
  return numbers.length === 4 ? seconds(numbers) : Number.NaN
}

/** `HH:MM:SS.mmm` (WebVTT 4.1). */
function time(at: number): string {
  const ms = Math.round(at * 1000)
  const pad = (value: number, width = 2) => String(value).padStart(width, '0')
  const whole = Math.floor(ms / 1000)
  const clock = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60]
  return `${clock.map((part) => pad(part)).join(':')}.${pad(ms % 1000, 3)}`
}
