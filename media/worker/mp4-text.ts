import type { Chapter } from '../film/film.ts'
import type { ReadPart } from '../film/readable.ts'
import { type Box, boxesIn, moovOf, pathOf } from './mp4-boxes.ts'

/** One sample of text: where it lies in the file, and when it is shown, in seconds. */
export interface TextSample {
  readonly start: number
  readonly size: number
  readonly from: number
  readonly to: number
}

/** A track of text in an MP4. */
export interface Mp4Text {
  readonly id: number
  readonly language: string
  readonly title: string
  readonly isForced: boolean
  readonly samples: readonly TextSample[]
}

const MOST_TRACKS = 100
const MOST_SAMPLES = 20_000
const MOST_CHUNKS = 200_000
const MOST_CHAPTERS = 500
/** Bytes of one sample: a screen full of words, with how they look. */
const MOST_TEXT = 64 << 10
/** Timed text (3GPP TS 26.245), and QuickTime's, which begins in the same way. */
const FORMATS = new Set(['tx3g', 'text'])

/** Tracks of text of an MP4; undefined: it is none. Only its index is read. */
export async function mp4Texts(
  read: ReadPart,
  size: number,
): Promise<readonly Mp4Text[] | undefined> {
  const moov = await moovOf(read, size)
  return moov && tracksOf(moov).filter(({ id }) => !chapterTracks(moov).has(id))
}

/** Chapters of an MP4: the samples of the text track that another one names for it. */
export async function mp4Chapters(read: ReadPart, size: number): Promise<readonly Chapter[]> {
  const moov = await moovOf(read, size)
  if (!moov) return []
  const named = chapterTracks(moov)
  const track = tracksOf(moov).find(({ id }) => named.has(id))
  const chapters: Chapter[] = []
  for (const sample of track?.samples.slice(0, MOST_CHAPTERS) ?? []) {
    chapters.push({ at: sample.from, title: (await sampleText(read, sample)).slice(0, 200) })
  }
  return chapters
}

/** The words of a sample: their length, then UTF-8, or UTF-16 by its mark (TS 26.245 5.17). */
export async function sampleText(read: ReadPart, { start, size }: TextSample): Promise<string> {
  return textOf(await read(start, start + size))
}

export function textOf(bytes: Uint8Array): string {
  if (bytes.length < 2) return ''
  const length = ((bytes[0] ?? 0) << 8) | (bytes[1] ?? 0)
  const words = bytes.subarray(2, 2 + length)
  const isWide =
    (words[0] === 0xfe && words[1] === 0xff) || (words[0] === 0xff && words[1] === 0xfe)
  const order = words[0] === 0xff ? 'utf-16le' : 'utf-16be'
  return new TextDecoder(isWide ? order : 'utf-8').decode(words).replace(/\r\n?/g, '\n')
}

const traksOf = (moov: Box): readonly Box[] =>
  [...boxesIn(moov)].filter(({ type }) => type === 'trak').slice(0, MOST_TRACKS)

const idOf = (trak: Box): number => {
  const tkhd = pathOf(trak, 'tkhd')
  return tkhd ? tkhd.u32(tkhd.u8(0) === 1 ? 20 : 12) : 0
}

/** Ids of tracks that others name as their chapters (QuickTime, `chap`). */
function chapterTracks(moov: Box): ReadonlySet<number> {
  const ids = traksOf(moov).flatMap((trak) => {
    const chap = pathOf(trak, 'tref', 'chap')
    return chap
      ? Array.from({ length: Math.min(8, chap.length >> 2) }, (_, n) => chap.u32(n * 4))
      : []
  })
  return new Set(ids)
}

function tracksOf(moov: Box): readonly Mp4Text[] {
  const mvhd = pathOf(moov, 'mvhd')
  const movieScale = mvhd ? mvhd.u32(mvhd.u8(0) === 1 ? 20 : 12) : 0
  return traksOf(moov).flatMap((trak) => {
    const [entry] = descriptionsOf(trak)
    if (!entry || !FORMATS.has(entry.type)) return []
    const mdhd = pathOf(trak, 'mdia', 'mdhd')
    const scale = mdhd ? mdhd.u32(mdhd.u8(0) === 1 ? 20 : 12) : 0
    if (!mdhd || scale === 0) return []
    const name = pathOf(trak, 'udta', 'name')
    return {
      id: idOf(trak),
      language: languageOf(mdhd.u16(mdhd.u8(0) === 1 ? 32 : 20)),
      title: name ? new TextDecoder().decode(name.bytes(0, 200)).replaceAll('\0', '') : '',
      // displayFlags: all samples are forced.
      isForced: entry.type === 'tx3g' && (entry.u32(8) & 0x40000000) !== 0,
      samples: samplesOf(trak, scale, delayOf(trak, scale, movieScale)),
    }
  })
}

function descriptionsOf(trak: Box): readonly Box[] {
  const stsd = pathOf(trak, 'mdia', 'minf', 'stbl', 'stsd')
  return stsd ? [...boxesIn(stsd, 8)] : []
}

/** Three letters of five bits (ISO 14496-12 8.4.2). */
function languageOf(packed: number): string {
  const letters = [packed >> 10, packed >> 5, packed].map((one) => 0x60 + (one & 0x1f))
  const language = String.fromCharCode(...letters)
  return /^[a-z]{3}$/.test(language) ? language : 'und'
}

/** By how much its edit list moves a track, in seconds: an empty edit before the first one, and what is cut off. */
function delayOf(trak: Box, scale: number, movieScale: number): number {
  const elst = pathOf(trak, 'edts', 'elst')
  if (!elst || movieScale === 0 || elst.u8(0) !== 0) return 0
  let delay = 0
  for (let n = 0; n < Math.min(2, elst.u32(4)); n++) {
    const mediaTime = elst.u32(8 + n * 12 + 4)
    if (mediaTime !== 0xffffffff) return delay - mediaTime / scale
    delay += elst.u32(8 + n * 12) / movieScale
  }
  return delay
}

function samplesOf(trak: Box, scale: number, delay: number): readonly TextSample[] {
  const table = (type: string) => pathOf(trak, 'mdia', 'minf', 'stbl', type)
  const sizes = table('stsz')
  const places = placesOf(table('stsc'), table('stco'), table('co64'), sizes)
  const times = timesOf(table('stts'), places.length)
  return places.flatMap(({ start, size }, n) => {
    const [at, duration] = times[n] ?? [0, 0]
    if (duration === 0 || size > MOST_TEXT) return []
    const from = at / scale + delay
    return from < 0 ? [] : [{ start, size, from, to: from + duration / scale }]
  })
}

/** Each sample's time and duration, in units of its track (8.6.1.2). */
function timesOf(stts: Box | undefined, count: number): readonly (readonly [number, number])[] {
  const times: (readonly [number, number])[] = []
  let at = 0
  for (let n = 0; stts && n < stts.u32(4) && 8 + n * 8 < stts.length; n++) {
    const delta = stts.u32(8 + n * 8 + 4)
    for (let i = stts.u32(8 + n * 8); i > 0 && times.length < count; i--) {
      times.push([at, delta])
      at += delta
    }
  }
  return times
}

/** Where each sample lies: chunks, how many each has, and how long they are (8.7.3 to 8.7.5). */
function placesOf(
  stsc: Box | undefined,
  stco: Box | undefined,
  co64: Box | undefined,
  stsz: Box | undefined,
): readonly { readonly start: number; readonly size: number }[] {
  const chunks = co64 ?? stco
  if (!stsc || !chunks || !stsz) return []
  const width = co64 ? 8 : 4
  const count = Math.min(chunks.u32(4), MOST_CHUNKS, Math.floor((chunks.length - 8) / width))
  const all = Math.min(stsz.u32(8), MOST_SAMPLES)
  const sizeOf = (n: number): number => stsz.u32(4) || stsz.u32(12 + n * 4)
  const places: { start: number; size: number }[] = []
  let run = 0
  for (let chunk = 0; chunk < count && places.length < all; chunk++) {
    const next = 8 + (run + 1) * 12
    if (next < stsc.length && stsc.u32(next) === chunk + 1) run++
    let start = co64 ? co64.u64(8 + chunk * 8) : chunks.u32(8 + chunk * 4)
    for (let i = stsc.u32(8 + run * 12 + 4); i > 0 && places.length < all; i--) {
      const size = sizeOf(places.length)
      places.push({ start, size })
      start += size
    }
  }
  return places
}
