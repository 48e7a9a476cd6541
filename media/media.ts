import { availableParallelism } from 'node:os'
import { Fault } from '../common/errors.ts'
import { Owners } from '../common/permits/owners.ts'
import { Permits } from '../common/permits/permits.ts'
import { audioPlan, conversionArguments } from './ffmpeg/audio-plan.ts'
import type { Encoder, Strength } from './ffmpeg/encoder.ts'
import { ForkServer } from './ffmpeg/fork-server.ts'
import { encodeArguments, headArguments } from './ffmpeg/video-plan.ts'
import type { AudioTrack, Film, FilmBytes } from './film/film.ts'
import type { Rung } from './film/rungs.ts'
import type { Channels } from './film/surround.ts'
import { segmentTimes, soundTimes } from './playlists/segment-grid.ts'
import {
  bytesShape,
  filmShape,
  packetsShape,
  picturesShape,
  textShape,
} from './thread/film-shape.ts'
import { type Asked, FilmThreads } from './thread/film-threads.ts'
import type { Job } from './worker/protocol.ts'

/** A track, and how many channels it has where it is converted. */
export interface Sound {
  readonly track: AudioTrack
  readonly channels: Channels
}

/** Frames of sound that are converted for one segment: eleven minutes. Of packets no more are read either (worker/cut.ts). */
const MOST_FRAMES = 30_000
const RETRY_SECONDS = 3
const TOO_FAR_APART = 'The key frames of this file lie too far apart for a browser.'
const CONVERSIONS_WAITING = 32
const CONVERSIONS_WAITING_EACH = 8

/**
 * Films as browsers take them. Everything is a function of the file's bytes: no session, nothing kept.
 * Reading what strangers made is done in threads that can be ended, decoding in processes that can.
 * Every method throws Fault MEDIA_UNREADABLE, TOO_MANY_CONVERSIONS, NO_CONVERTER, what reading the bytes
 * threw, and the reason of the signal.
 */
export class Media {
  readonly #threads: FilmThreads
  readonly #conversions: Permits
  readonly #encoder: Encoder | undefined
  readonly #ffmpeg: ForkServer

  /**
   * @param encoder ended with this; undefined: no picture is encoded
   * @param ffmpeg ended with this
   */
  constructor(
    cores: number = availableParallelism(),
    encoder?: Encoder,
    ffmpeg: ForkServer = new ForkServer(),
  ) {
    this.#encoder = encoder
    this.#ffmpeg = ffmpeg
    this.#threads = new FilmThreads({ max: Math.max(4, Math.min(16, 4 * cores)) })
    this.#conversions = new Permits({
      max: cores,
      waitingMax: CONVERSIONS_WAITING,
      waitingEach: CONVERSIONS_WAITING_EACH,
    })
  }

  /** How many run and wait now. */
  get conversions(): { readonly running: number; readonly waiting: number } {
    const [sound, pictures] = [this.#conversions, this.#encoder?.load]
    return {
      running: sound.running + (pictures?.running ?? 0),
      waiting: sound.waiting + (pictures?.waiting ?? 0),
    }
  }

  /** What the file is; reads its head and its index. */
  async probe(film: FilmBytes, asked: Asked): Promise<Film> {
    const { data } = filmShape.safeParse(
      await this.#run({ kind: 'probe', size: film.size }, film, asked),
    )
    if (!data) throw new Fault('MEDIA_UNREADABLE')
    return data
  }

  videoInit(bytes: FilmBytes, asked: Asked): Promise<Uint8Array> {
    return this.#bytes({ kind: 'videoInit', size: bytes.size }, bytes, asked)
  }

  /** Segment `n` of the picture. @throws Fault NOT_FOUND */
  videoSegment(bytes: FilmBytes, film: Film, n: number, asked: Asked): Promise<Uint8Array> {
    const { isIndexed } = film
    const job = { kind: 'video', size: bytes.size, isIndexed, ...timesOf(film, n) } as const
    return this.#bytes(job, bytes, asked)
  }

  /** What pictures are encoded to; a Fault says why none is, undefined that none is to be. Never rejects. */
  get strength(): Promise<Strength | Fault | undefined> {
    return this.#encoder?.strength ?? Promise.resolve(undefined)
  }

  /** The head of the encoded segments. */
  async encodedInit({ video }: Film, rung: Rung, asked: Asked): Promise<Uint8Array> {
    await this.#expectEncoder()
    const matroska = await this.#convert(headArguments(video, rung), new Uint8Array(), asked)
    return this.#bytes({ kind: 'encodedInit', matroska }, undefined, asked)
  }

  /** Segment `n` of the picture, encoded to H.264. @throws Fault NOT_FOUND */
  async encodedSegment(
    bytes: FilmBytes,
    film: Film,
    { rung, n }: { readonly rung: Rung; readonly n: number },
    asked: Asked,
  ): Promise<Uint8Array> {
    const { isIndexed, video } = film
    const { encoder, preset } = await this.#expectEncoder()
    const job = { kind: 'pictures', size: bytes.size, isIndexed, ...timesOf(film, n) } as const
    const { data } = picturesShape.safeParse(await this.#run(job, bytes, asked))
    if (!data) throw new Fault('MEDIA_UNREADABLE')
    const { base, from, to, times, isCounted, rotation } = data
    const when = { from: from - base, to: to - base, isCounted }
    const plan = { rung, preset, source: video, rotation, ...when }
    const matroska = await encoder.run(encodeArguments(plan), data.matroska, asked)
    return this.#bytes({ kind: 'encoded', matroska, base, times, to, isCounted }, undefined, asked)
  }

  audioInit(bytes: FilmBytes, { track, channels }: Sound, asked: Asked): Promise<Uint8Array> {
    if (!track.isCopied) return this.#bytes({ kind: 'aacInit', channels }, undefined, asked)
    return this.#bytes({ kind: 'audioInit', size: bytes.size, track: track.id }, bytes, asked)
  }

  /** Segment `n` of an audio track, copied or converted. @throws Fault NOT_FOUND */
  async audioSegment(
    bytes: FilmBytes,
    film: Film,
    { track, channels }: Sound,
    n: number,
    asked: Asked,
  ): Promise<Uint8Array> {
    const times = timesOf(film, n, soundTimes)
    const of = { size: bytes.size, track: track.id, isIndexed: film.isIndexed }
    if (track.isCopied) return this.#bytes({ kind: 'audio', ...of, ...times }, bytes, asked)
    const plan = audioPlan(times.from, times.to)
    if (plan.count === 0) return new Uint8Array()
    // What has no packets is silence, of any length: a day of it would hold a core until it is ended.
    if (plan.count > MOST_FRAMES) throw new Fault('MEDIA_UNREADABLE', { message: TOO_FAR_APART })
    const { from, to } = plan
    const got = await this.#run({ kind: 'packets', ...of, from, to }, bytes, asked)
    const { data: packets } = packetsShape.safeParse(got)
    if (!packets) throw new Fault('MEDIA_UNREADABLE')
    const args = conversionArguments(plan, packets.at, channels)
    const adts = await this.#convert(args, packets.matroska, asked)
    const { first, count, skip } = plan
    return this.#bytes({ kind: 'aac', adts, first, count, skip, channels }, undefined, asked)
  }

  /** Segment `n` of a track of subtitles, as WebVTT. @throws Fault NOT_FOUND */
  async textSegment(
    bytes: FilmBytes,
    film: Film,
    track: number,
    n: number,
    asked: Asked,
  ): Promise<string> {
    const job = { kind: 'text', size: bytes.size, track, ...timesOf(film, n) } as const
    const { data } = textShape.safeParse(await this.#run(job, bytes, asked))
    if (data === undefined) throw new Fault('MEDIA_UNREADABLE')
    return data
  }

  /** All of a track of subtitles that is there, as WebVTT. Reads no more of the film than these. */
  async wholeText(bytes: FilmBytes, track: number, asked: Asked): Promise<string> {
    const job = { kind: 'wholeText', size: bytes.size, track } as const
    const { data } = textShape.safeParse(await this.#run(job, bytes, asked))
    if (data === undefined) throw new Fault('MEDIA_UNREADABLE')
    return data
  }

  async close(): Promise<void> {
    await Promise.all([this.#threads.close(), this.#encoder?.close(), this.#ffmpeg.close()])
  }

  /** @throws Fault NO_CONVERTER, NOT_FOUND */
  async #expectEncoder() {
    const strength = await this.strength
    if (strength instanceof Fault) throw strength
    if (!strength || !this.#encoder) throw new Fault('NOT_FOUND')
    return { encoder: this.#encoder, preset: strength.preset }
  }

  async #convert(args: readonly string[], input: Uint8Array, asked: Asked): Promise<Uint8Array> {
    const owners = new Owners()
    owners.add(asked.address)
    const permit = await tellTooMany(
      this.#conversions.acquire(asked.signal, () => undefined, owners),
    )
    try {
      return new Uint8Array(await this.#ffmpeg.run(args, input, asked.signal))
    } finally {
      permit.release()
    }
  }

  async #bytes(job: Job, film: FilmBytes | undefined, asked: Asked): Promise<Uint8Array> {
    const { data } = bytesShape.safeParse(await this.#run(job, film, asked))
    if (!data) throw new Fault('MEDIA_UNREADABLE')
    return data
  }

  #run(job: Job, film: FilmBytes | undefined, asked: Asked): Promise<unknown> {
    return tellTooMany(this.#threads.run(job, film, asked))
  }
}

/** @throws Fault NOT_FOUND */
function timesOf(film: Film, n: number, of = segmentTimes) {
  const times = of(film, n)
  if (!times) throw new Fault('NOT_FOUND')
  return times
}

/** Permits speak of downloads, which this is none of; a download that reading needed is told as it is. */
async function tellTooMany<T>(work: Promise<T>): Promise<T> {
  try {
    return await work
  } catch (error) {
    if (!(error instanceof Fault) || error.code !== 'TOO_MANY_ARRIVALS') throw error
    throw new Fault('TOO_MANY_CONVERSIONS', { retryAfterSeconds: RETRY_SECONDS }, { cause: error })
  }
}
