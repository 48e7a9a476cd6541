import { TextDecoder } from 'node:util'
import chardet from 'chardet'
import { extension } from '../../common/media-types.ts'

interface Cue {
  /** Seconds. */
  readonly start: number
  readonly end: number
  readonly text: string
}

/** A subtitle file as WebVTT; `name` tells its format. Whatever cannot be read of it is left out. */
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

/** UTF-8 and UTF-16 by their marks, UTF-8 when it is, else what the bytes look like most. */
function decoded(bytes: Uint8Array): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return new TextDecoder('utf-16le').decode(bytes)
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return new TextDecoder('utf-16be').decode(bytes)
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return charset(bytes).decode(bytes)
  }
}

/** What is enough to tell: from the first byte on that is not ASCII. */
const SAMPLE = 64 * 1024

function charset(bytes: Uint8Array): TextDecoder {
  try {
    const first = bytes.findIndex((byte) => byte > 127)
    const sample = bytes.subarray(first, first + SAMPLE)
    return new TextDecoder(chardet.detect(sample) ?? 'windows-1252')
  } catch {
    // A name that no decoder has: what most of the old files of the west are in.
    return new TextDecoder('windows-1252')
  }
}

const TIMES =
  /^\s*(\d{1,3}):(\d{1,2}):(\d{1,2})[,.](\d{1,3})\s*-->\s*(\d{1,3}):(\d{1,2}):(\d{1,2})[,.](\d{1,3})/

/** By its lines of times: numbers are missing or wrong in many files, empty lines too. */
function srtCues(text: string): Cue[] {
  const lines = text.split('\n')
  const starts = lines.flatMap((line, at) => (TIMES.test(line) ? [at] : []))
  return starts.flatMap((at, nth) => {
    const [, ...numbers] = TIMES.exec(lines[at] ?? '') ?? []
    const next = starts[nth + 1]
    const body = lines.slice(at + 1, next ?? lines.length)
    // The next cue's number stands on the line before its times.
    if (next !== undefined && /^\s*\d+\s*$/.test(body.at(-1) ?? '')) body.pop()
    const words = marked(body.join('\n').trim())
    if (words === '') return []
    return [{ start: seconds(numbers.slice(0, 4)), end: seconds(numbers.slice(4)), text: words }]
  })
}

const seconds = ([h = '', m = '', s = '', ms = '']: readonly string[]): number =>
  Number(h) * 3600 + Number(m) * 60 + Number(s) + Number(`0.${ms}`)

/**
 * Bold, italic and underline stay; every other mark goes, and a lone `<` or `&` is written out. The
 * patterns stop at the next opening mark, so that a line made of those costs no more than another.
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
 * Advanced SubStation Alpha: its words in the order of their times; drawings are no words. Read here,
 * because parsers of the whole format take minutes for a line that was made for it.
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
      // The text comes last, and may have commas of its own.
      const words = fields.slice(names.length - 1).join(',')
      // Whatever stands in braces is a mark or a remark of whoever wrote the file.
      const said = words.replace(/\{[^{}]*\}/g, '').replace(/\\N|\\n/g, '\n')
      const plain = marked(said.replace(/\\h/g, ' ')).trim()
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
