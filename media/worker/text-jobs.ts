import { cueText, cueTime } from '../../common/subtitles/web-vtt.ts'
import { type MatroskaIndex, matroskaIndex } from '../matroska/matroska-index.ts'
import { type Cue, matroskaText } from '../matroska/matroska-text.ts'
import { indexedText, textPlaces } from '../matroska/matroska-text-cues.ts'
import { type Mp4Text, mp4Texts, sampleText, textOf } from './mp4-text.ts'
import { openFilm, timelineOf } from './open-film.ts'
import type { PortBytes } from './port-bytes.ts'
import type { Job } from './protocol.ts'

type JobOf<Kind extends Job['kind']> = Extract<Job, { readonly kind: Kind }>

/** RFC 8216 3.5: times of the film are times of its segments. */
const SEGMENT_HEAD = 'WEBVTT\nX-TIMESTAMP-MAP=LOCAL:00:00:00.000,MPEGTS:0\n'

/** The subtitles that begin within a time, as a segment of WebVTT. @throws Error there is no such track */
export async function textSegment(job: JobOf<'text'>, bytes: PortBytes): Promise<string> {
  const { read } = bytes
  const { index, inMatroska, inMp4 } = await trackOf(job.track, bytes)
  if (index && inMatroska)
    return webVtt(SEGMENT_HEAD, await matroskaText(read, index, inMatroska, job))
  const isWithin = (from: number) => from >= job.from && (job.isLast || from < job.to)
  using input = openFilm(bytes)
  const { origin } = await timelineOf(input, true)
  const cues: Cue[] = []
  for (const sample of inMp4?.samples ?? []) {
    const [from, to] = [sample.from - origin, sample.to - origin]
    if (!isWithin(from)) continue
    cues.push({ from, to, text: cueText(await sampleText(read, sample)) })
  }
  return webVtt(SEGMENT_HEAD, cues)
}

/** All subtitles of a track whose bytes are there, as WebVTT. @throws Error there is no such track */
export async function wholeText(job: JobOf<'wholeText'>, bytes: PortBytes): Promise<string> {
  const { index, inMatroska, inMp4 } = await trackOf(job.track, bytes)
  if (index && inMatroska) {
    const places = textPlaces(index.cueBytes, inMatroska.id)
    const { segmentAt, scale } = index
    return webVtt(
      'WEBVTT\n',
      await indexedText(bytes.tryRead, segmentAt, places, inMatroska, scale),
    )
  }
  const cues: Cue[] = []
  for (const sample of inMp4?.samples ?? []) {
    const data = await bytes.tryRead(sample.start, sample.start + sample.size)
    if (data) cues.push({ ...sample, text: cueText(textOf(data)) })
  }
  return webVtt('WEBVTT\n', cues)
}

async function trackOf(id: number, { read, size }: PortBytes) {
  const index: MatroskaIndex | undefined = await matroskaIndex(read, size)
  const inMatroska = index?.texts.find((one) => one.id === id)
  const texts: readonly Mp4Text[] = (index ? undefined : await mp4Texts(read, size)) ?? []
  const inMp4 = texts.find((one) => one.id === id)
  if (!inMatroska && !inMp4) throw new Error('no such subtitles')
  return { index, inMatroska, inMp4 }
}

function webVtt(head: string, cues: readonly Cue[]): string {
  const blocks = cues
    .filter(({ text }) => text !== '')
    .toSorted((a, b) => a.from - b.from)
    .map(({ from, to, text }) => `${cueTime(from)} --> ${cueTime(to)}\n${text}\n`)
  return [head, ...blocks].join('\n')
}
