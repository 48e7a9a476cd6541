import { TextDecoder } from 'node:util'
import chardet from 'chardet'
import { markOfUtf16 } from '../../common/clean-text.ts'
import { extension } from '../../common/media-types.ts'
import { createEventLoopYield } from '../../common/permits/event-loop-yield.ts'
import { cueText, cueTime } from '../../common/subtitles/web-vtt.ts'

interface Cue {
  /** Seconds. */
  readonly start: number
  readonly end: number
  readonly text: string
}

/** Takes the lines of a file one by one. */
interface CueReader {
  take(line: string): 'enough' | undefined
  /** Those of all lines taken; call it once. */
  cues(): readonly Cue[]
}

/** More than a film has to say, also where each syllable of a song is a cue. */
const MAX_CUES = 20_000
const MAX_LINES = 200_000
/** Of a line as it is written, marks included. UTF-16 units. */
const MAX_LINE = 10_000

/**
 * A subtitle file as WebVTT; `name` tells its format. What cannot be read of it is left out, and so is
 * what no film has: a small file of a stranger is a million lines. Others have their turns meanwhile.
 */
export async function webVtt(bytes: Uint8Array, name: string): Promise<string> {
  const text = decoded(bytes)
  if (/^WEBVTT(?:[ \t\r\n]|$)/.test(text) && !COMMA_TIMES.test(text)) return text
  const ssa = /^(?:ass|ssa)$/.test(extension(name)) || /^\[Script Info\]/m.test(text.slice(0, 500))
  const reader = ssa ? new AssCues() : new SrtCues()
  const pause = createEventLoopYield()
  for (const line of linesOf(text)) {
    if (reader.take(line) === 'enough') break
    const paused = pause()
    if (paused) await paused
  }
  const blocks = ['WEBVTT\n']
  for (const { start, end, text: words } of reader.cues()) {
    blocks.push(`${cueTime(start)} --> ${cueTime(end)}\n${words}\n`)
    const paused = pause()
    if (paused) await paused
  }
  return blocks.join('\n')
}

/** Times that no browser takes for WebVTT. */
const COMMA_TIMES = /^(?:\d{1,3}:)?\d{1,2}:\d{1,2},\d{1,3}[ \t]{0,9}-->/m

/** Without their ends, whichever these are. */
function* linesOf(text: string): Generator<string> {
  let at = 0
  let count = 0
  for (const { index, 0: mark } of text.matchAll(/\r\n?|\n/g)) {
    if (++count > MAX_LINES) return
    yield text.slice(at, Math.min(index, at + MAX_LINE))
    at = index + mark.length
  }
  yield text.slice(at, at + MAX_LINE)
}

function beginningOfUtf16([a, b, c, d]: Uint8Array): 'utf-16le' | 'utf-16be' | undefined {
  if (a && b === 0 && c && d === 0) return 'utf-16le'
  return a === 0 && b && c === 0 && d ? 'utf-16be' : undefined
}

/**
 * UTF-16 when it has a byte order mark, or begins with characters of it; else UTF-8 when it is valid; else the charset
 * that fits the bytes best.
 */
function decoded(bytes: Uint8Array): string {
  const wide = markOfUtf16(bytes) ?? beginningOfUtf16(bytes)
  if (wide) return new TextDecoder(wide).decode(bytes)
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return charset(bytes).decode(bytes)
  }
}

/** Bytes to judge the charset by, from the first one that is not ASCII. */
const SAMPLE = 16 * 1024

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

/** Hours and parts of a second may be missing, and blanks stand within. */
const TIME = /^(?:(\d{1,3}) ?: ?)?(\d{1,2}) ?: ?(\d{1,2})(?: ?[,.:] ?(\d{1,3}))?/

/** Of a line of times; behind them there may be places on the screen. */
function timesIn(line: string): Omit<Cue, 'text'> | undefined {
  const arrow = line.indexOf('-->')
  if (arrow === -1) return undefined
  const before = line.slice(0, arrow).trim()
  const start = TIME.exec(before)
  const end = TIME.exec(line.slice(arrow + '-->'.length).trimStart())
  if (!end || start?.[0].length !== before.length) return undefined
  return { start: seconds(start.slice(1)), end: seconds(end.slice(1)) }
}

/** Found by their lines of times: in many files, numbers and empty lines are missing or wrong. */
class SrtCues implements CueReader {
  readonly #cues: Cue[] = []
  #times: Omit<Cue, 'text'> | undefined
  #lines: string[] = []
  #length = 0

  take(line: string): 'enough' | undefined {
    const found = timesIn(line)
    if (found) {
      // The line before the next cue's times is its number.
      if (/^\s*\d+\s*$/.test(this.#lines.at(-1) ?? '')) this.#lines.pop()
      this.#end()
      this.#times = found
    } else if (this.#times && this.#length < MAX_LINE) {
      this.#lines.push(line)
      this.#length += line.length + 1
    }
    return this.#cues.length < MAX_CUES ? undefined : 'enough'
  }

  cues(): readonly Cue[] {
    this.#end()
    return this.#cues
  }

  #end(): void {
    const text = cueText(this.#lines.join('\n'))
    const times = this.#times
    if (times && text !== '') this.#cues.push({ ...times, text })
    this.#times = undefined
    this.#lines = []
    this.#length = 0
  }
}

const seconds = ([h = '', m = '', s = '', ms = '']: readonly (string | undefined)[]): number =>
  Number(h) * 3600 + Number(m) * 60 + Number(s) + Number(`0.${ms}`)

const ASS_TIME = /^(\d{1,2}):(\d{1,2}):(\d{1,2})[.:](\d{1,3})$/
const DRAWING = /\{[^{}\n]*\\p[1-9]/

/**
 * The text of Advanced SubStation Alpha, in the order of its times, without drawings. Parsed here,
 * because a hostile line keeps parsers of the whole format busy for minutes.
 */
class AssCues implements CueReader {
  readonly #cues: Cue[] = []
  #inEvents = false
  #columns: readonly string[] | undefined

  take(line: string): 'enough' | undefined {
    if (/^\[Events\][ \t]*$/i.test(line)) {
      if (this.#inEvents) return 'enough'
      this.#inEvents = true
    }
    if (!this.#inEvents) return undefined
    const format = this.#columns ? undefined : /^Format:(.{0,300})$/i.exec(line)?.[1]
    if (format !== undefined) {
      this.#columns = format.split(',').map((name) => name.trim().toLowerCase())
    }
    if (line.startsWith('Dialogue:') && !DRAWING.test(line)) this.#read(line)
    return this.#cues.length < MAX_CUES ? undefined : 'enough'
  }

  cues(): readonly Cue[] {
    return this.#cues.toSorted((a, b) => a.start - b.start)
  }

  #read(line: string): void {
    const columns = this.#columns ?? []
    const fields = line.slice('Dialogue:'.length).split(',')
    const start = assTime(fields[columns.indexOf('start')])
    const end = assTime(fields[columns.indexOf('end')])
    // The text is the last column, and may contain commas.
    const raw = fields.slice(columns.length - 1).join(',')
    // Text in braces is formatting or a comment; the end of a line that was cut may be within one.
    const whole = line.length < MAX_LINE ? raw : raw.replace(/\{[^{}]*$/, '')
    const lines = whole.replace(/\{[^{}]*\}/g, '').replace(/\\N|\\n/g, '\n')
    const text = cueText(lines.replace(/\\h/g, ' ')).trim()
    if (text !== '' && end > start) this.#cues.push({ start, end, text })
  }
}

function assTime(text = ''): number {
  const [, ...numbers] = ASS_TIME.exec(text.trim()) ?? []
  return numbers.length === 4 ? seconds(numbers) : Number.NaN
}
