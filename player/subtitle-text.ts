import { TextDecoder } from 'node:util'
import { parse } from 'ass-compiler'
import chardet from 'chardet'
import { extension } from '../common/media-types.ts'

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

function charset(bytes: Uint8Array): TextDecoder {
  try {
    return new TextDecoder(chardet.detect(bytes) ?? 'windows-1252')
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

/** Bold, italic and underline stay; every other mark goes, and a lone `<` or `&` is written out. */
function marked(text: string): string {
  return text
    .replace(/\{\\[^}]*\}/g, '')
    .replace(/<(?!\/?[biu]>)\/?[a-z][^>\n]*>/gi, '')
    .replace(/&(?!(?:amp|lt|gt|nbsp|lrm|rlm);)/g, '&amp;')
    .replace(/<(?!\/?[biu]>)/gi, '&lt;')
    .replace(/-->/g, '--&gt;')
    .replace(/\n{2,}/g, '\n')
}

/** Advanced SubStation Alpha: its words in the order of their times; drawings are no words. */
function assCues(text: string): Cue[] {
  return parse(text)
    .events.dialogue.filter(({ Text }) => !Text.parsed.some((part) => part.drawing.length > 0))
    .map(({ Start, End, Text }) => {
      const words = Text.combined.replace(/\\N|\\n/g, '\n').replace(/\\h/g, ' ')
      return { start: Start, end: End, text: marked(words.trim()) }
    })
    .filter(({ start, end, text: words }) => words !== '' && end > start)
    .toSorted((a, b) => a.start - b.start)
}

/** `HH:MM:SS.mmm` (WebVTT 4.1). */
function time(at: number): string {
  const ms = Math.round(at * 1000)
  const pad = (value: number, width = 2) => String(value).padStart(width, '0')
  const whole = Math.floor(ms / 1000)
  const clock = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60]
  return `${clock.map((part) => pad(part)).join(':')}.${pad(ms % 1000, 3)}`
}
