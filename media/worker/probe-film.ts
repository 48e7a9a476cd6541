import {
  EncodedPacketSink,
  type Input,
  type InputAudioTrack,
  type InputVideoTrack,
  MPEG_TS,
} from 'mediabunny'
import { aviFilm, openAvi } from '../avi/avi-film.ts'
import type { AudioTrack, Film, TextTrack, VideoTrack } from '../film/film.ts'
import { Unplayable } from '../film/unplayable.ts'
import { cuedAt } from '../matroska/matroska-grid.ts'
import { type MatroskaIndex, matroskaIndex } from '../matroska/matroska-index.ts'
import { textPlaces } from '../matroska/matroska-text-cues.ts'
import { gridStarts, segmentStarts } from '../playlists/segment-grid.ts'
import { mp4Chapters, mp4Texts } from './mp4-text.ts'
import { openFilm, timelineOf, videoOf } from './open-film.ts'
import { type Picture, pictureOf } from './pictures.ts'
import type { PortBytes } from './port-bytes.ts'
import { soundIdOf } from './sounds.ts'
import { heightScale } from './true-height.ts'
import { tsLanguages } from './ts-languages.ts'

const MOST_TRACKS = 40
const MOST_KEYS = 100_000
const MOST_TITLE = 200
/** A day: what claims to be longer is broken. */
const LONGEST = 86_400

/** What a file is, from its head and its index: nothing of the film itself is read. @throws Unplayable */
export async function probeFilm(bytes: PortBytes): Promise<Film> {
  const avi = await openAvi(bytes)
  if (avi) return aviFilm(avi)
  using input = openFilm(bytes)
  const video = await videoOf(input)
  const picture = await pictureOf(video)
  if ((await input.getFormat()) === MPEG_TS) {
    return withLanguages(await griddedFilm(input, video, picture), bytes)
  }
  const index = await matroskaIndex(bytes.read, bytes.size)
  if (index && !(await index.isCued())) return await cuelessFilm(bytes, index)
  const { origin } = await timelineOf(input, true)
  const keys = index ? index.keys(video.id) : await keysOfSamples(video, origin)
  if (!keys) throw new Unplayable('This file has no picture.')
  const duration = await durationOf(input, keys, origin)
  const starts = segmentStarts(keys, duration)
  return {
    duration,
    video: await videoTrack(video, picture),
    audio: await audioTracks(input),
    subtitles: await textTracks(index, bytes),
    chapters: index ? index.chapters : await chaptersOfMp4(bytes, origin),
    starts,
    places: index?.places(starts),
    isIndexed: true,
  }
}

async function textTracks(
  index: MatroskaIndex | undefined,
  { read, size }: PortBytes,
): Promise<readonly TextTrack[]> {
  const isIndexed = (id: number) => !index || textPlaces(index.cueBytes, id).length > 0
  const texts = index ? index.texts : ((await mp4Texts(read, size)) ?? [])
  return texts.map(({ id, language, title, isForced }) => ({
    ...{ id, language, title, isForced },
    isIndexed: isIndexed(id),
  }))
}

/** Chapters are told as of any; subtitles are found by an index only. */
async function cuelessFilm(bytes: PortBytes, index: MatroskaIndex): Promise<Film> {
  using input = openFilm(await cuedAt(bytes, index, Number.POSITIVE_INFINITY))
  const video = await videoOf(input)
  const film = await griddedFilm(input, video, await pictureOf(video))
  return { ...film, chapters: index.chapters }
}

/**
 * A film without an index, as transport streams are: its segments lie on a grid of times, and each begins with the first key
 * frame behind its time. Read are the head, where times begin, and the tail, where they end.
 */
async function griddedFilm(input: Input, video: InputVideoTrack, picture: Picture): Promise<Film> {
  const { origin } = await timelineOf(input, false)
  const last = await new EncodedPacketSink(video).getPacket(Number.POSITIVE_INFINITY)
  const duration = (last?.timestamp ?? origin) + (last?.duration ?? 0) - origin
  if (!(duration > 0 && duration < LONGEST)) {
    throw new Unplayable('This file does not say how long it is. Open it in another player.')
  }
  return {
    duration,
    video: await videoTrack(video, picture),
    audio: await audioTracks(input),
    subtitles: [],
    chapters: [],
    starts: gridStarts(duration),
    isIndexed: false,
  }
}

/** The library reads none of a transport stream. */
async function withLanguages(film: Film, { read, size }: PortBytes): Promise<Film> {
  const languages = await tsLanguages(read, size)
  const audio = film.audio.map((one) => ({
    ...one,
    language: languages.get(one.id) ?? one.language,
  }))
  return { ...film, audio }
}

/** From the tables of an MP4, which are in memory by now. */
async function keysOfSamples(
  video: InputVideoTrack,
  origin: number,
): Promise<readonly number[] | undefined> {
  const sink = new EncodedPacketSink(video)
  const keys: number[] = []
  let packet = await sink.getFirstKeyPacket({ metadataOnly: true })
  while (packet && keys.length < MOST_KEYS) {
    keys.push(packet.timestamp - origin)
    packet = await sink.getNextKeyPacket(packet, { metadataOnly: true })
  }
  return keys.length > 0 ? keys.sort((a, b) => a - b) : undefined
}

async function chaptersOfMp4({ read, size }: PortBytes, origin: number) {
  const chapters = await mp4Chapters(read, size)
  return chapters.map(({ at, title }) => ({ at: at - origin, title }))
}

async function durationOf(input: Input, keys: readonly number[], origin: number): Promise<number> {
  const told = (await input.getDurationFromMetadata()) ?? (await input.computeDuration())
  const duration = told - origin
  if (!(duration > 0 && duration < LONGEST) || duration <= (keys[0] ?? 0)) {
    throw new Unplayable('This file does not say how long it is. Open it in another player.')
  }
  return duration
}

async function videoTrack(video: InputVideoTrack, picture: Picture): Promise<VideoTrack> {
  const [width, lines] = [await video.getDisplayWidth(), await video.getDisplayHeight()]
  const height = Math.round(lines * (await heightScale(video)))
  return { id: video.id, ...picture, width, height }
}

/** Those of which something can be made. */
async function audioTracks(input: Input): Promise<readonly AudioTrack[]> {
  const tracks: AudioTrack[] = []
  for (const track of (await input.getAudioTracks()).slice(0, MOST_TRACKS)) {
    const isPlayed = track.codec === 'aac' || (await soundIdOf(track)) !== undefined
    if (isPlayed) tracks.push(await audioTrack(track))
  }
  return tracks
}

async function audioTrack(track: InputAudioTrack): Promise<AudioTrack> {
  const own = await track.getInternalCodecId()
  const name = await track.getCodecParameterString()
  return {
    id: track.id,
    codec: name ?? (typeof own === 'string' ? own.slice(0, MOST_TITLE) : 'unknown'),
    channels: await track.getNumberOfChannels(),
    isCopied: track.codec === 'aac',
    language: track.languageCode,
    title: (track.name ?? '').slice(0, MOST_TITLE),
    isDefault: track.disposition.default,
  }
}
