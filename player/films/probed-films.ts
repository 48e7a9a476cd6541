import { LRUCache } from 'lru-cache'
import { z } from 'zod'
import type { CacheIndex } from '../../cache/index/cache-index.ts'
import { storedEntry } from '../../cache/index/stored-entry.ts'
import type { FileTracks } from '../../common/availability.ts'
import type { Fault } from '../../common/errors.ts'
import type { Log } from '../../common/log.ts'
import { atMost } from '../../common/memory/lru-options.ts'
import type { Film, TextTrack } from '../../media/film/film.ts'
import type { Media } from '../../media/media.ts'
import { isTooCostly } from '../../media/thread/film-thread.ts'
import type { Asked } from '../../media/thread/film-threads.ts'
import type { BytesPlayable } from '../files/playable.ts'

export interface ProbedFilmsParts {
  readonly media: Pick<Media, 'probe'>
  readonly index: Pick<CacheIndex, 'readValue' | 'writeValue'>
  readonly log: Log
}

/** Bytes of all films remembered: their key frames mostly, and names that strangers gave. */
const MEMORY = 16 << 20
/** Beside its text in JSON: of an object, of each of its tracks. */
const OF_FILM = 4096
/** Two for a letter. */
const OF_LETTER = 2
/** A film that cost a whole job, and came to nothing, is not tried again for so long; milliseconds. */
const REFUSED_MS = 10 * 60_000
const MOST_REFUSED = 10_000
/** Films whose tracks are remembered. */
const TRACKS = 5000
/** Another node may look into a film. */
const ASK_AGAIN_MS = 60_000
const TRACKS_TTL_MS = 30 * 24 * 3600 * 1000

const languageShape = z.string().regex(/^[\w-]{0,35}$/)
const codecShape = z.string().max(100)

/** Others may write to the index too: a value of another shape counts as absent. */
const tracksShape = z.object({
  picture: codecShape,
  audio: z.array(z.object({ codec: codecShape, language: languageShape })).max(100),
  texts: z
    .array(
      z.object({
        id: z.int().min(0),
        language: languageShape,
        title: z.string().max(300),
        isForced: z.boolean(),
        isIndexed: z.boolean(),
      }),
    )
    .max(100),
})

type StoredTracks = Omit<z.infer<typeof tracksShape>, 'texts'> & {
  readonly texts: readonly TextTrack[]
}

/** What lists and menus say of a film. */
interface Told {
  readonly tracks: FileTracks
  readonly texts: readonly TextTrack[]
}

/** What is in the films that were looked at, by their validators (ETag): equal bytes are looked at once. */
export class ProbedFilms {
  readonly #parts: ProbedFilmsParts
  readonly #films = new LRUCache<string, Film>({
    maxSize: MEMORY,
    sizeCalculation: (film) => OF_FILM + OF_LETTER * JSON.stringify(film).length,
  })
  readonly #told = new LRUCache<string, Told | typeof NOBODY_LOOKED>(atMost(TRACKS))
  /** By validator. */
  readonly #refused = new LRUCache<string, Fault>({ ...atMost(MOST_REFUSED), ttl: REFUSED_MS })
  readonly #stored

  constructor(parts: ProbedFilmsParts) {
    this.#parts = parts
    this.#stored = storedEntry<string, StoredTracks>({
      index: parts.index,
      key: (etag: string) => `tracks:${etag}`,
      shape: tracksShape,
      ttlMs: TRACKS_TTL_MS,
    })
  }

  /** @throws as Media.probe */
  async film(playable: BytesPlayable, asked: Asked): Promise<Film> {
    const { etag } = playable
    const known = etag === undefined ? undefined : this.#films.get(etag)
    if (known) return known
    const film = await this.guard(playable, () => this.#parts.media.probe(playable, asked))
    if (etag === undefined) return film
    this.#films.set(etag, film)
    const { video, audio, subtitles: texts } = film
    const heard = audio.map(({ codec, language }) => ({ codec, language }))
    const stored = { picture: video.codec, audio: heard, texts }
    this.#told.set(etag, toldOf(stored))
    void this.#remember(etag, stored)
    return film
  }

  /**
   * Does what needs a job on the film. One that cost a whole job, and came to nothing, is refused for a while with
   * the same words, whatever is wanted of it.
   */
  async guard<Made>(
    { etag }: Pick<BytesPlayable, 'etag'>,
    work: () => Promise<Made>,
  ): Promise<Made> {
    const refused = this.#refused.get(etag ?? '')
    if (refused) throw refused
    try {
      return await work()
    } catch (error) {
      if (etag !== undefined && isTooCostly(error)) this.#refused.set(etag, error)
      throw error
    }
  }

  /** As `texts`, from memory alone. */
  peekTexts(etag: string): readonly TextTrack[] | undefined {
    return this.#peek(etag)?.texts
  }

  /** All tracks, from memory alone: the same value each time, until somebody looks again. */
  peekTracks(etag: string): FileTracks | undefined {
    return this.#peek(etag)?.tracks
  }

  /** Tracks of text within a film, if anybody has looked at it; reads nothing of it. Never rejects. */
  async texts(etag: string): Promise<readonly TextTrack[] | undefined> {
    await this.recall(etag)
    return this.peekTexts(etag)
  }

  /** Reads back what the index has of a film, unless it is known or was asked for lately. Never rejects. */
  async recall(etag: string): Promise<void> {
    if (this.#told.has(etag)) return
    try {
      const { value } = await this.#stored.load(etag)
      // Whoever looked meanwhile knows better.
      if (this.#told.has(etag)) return
      if (value) this.#told.set(etag, toldOf(value))
      else this.#told.set(etag, NOBODY_LOOKED, { ttl: ASK_AGAIN_MS })
    } catch (error) {
      this.#parts.log.debug({ err: error }, 'the index did not answer; going on without it')
    }
  }

  #peek(etag: string): Told | undefined {
    const known = this.#told.get(etag)
    return known === NOBODY_LOOKED ? undefined : known
  }

  async #remember(etag: string, tracks: StoredTracks): Promise<void> {
    try {
      await this.#stored.update(etag, () => tracks)
    } catch (error) {
      this.#parts.log.debug({ err: error }, 'the index did not take a value')
    }
  }
}

const toldOf = ({ picture, audio, texts }: StoredTracks): Told => ({
  tracks: { picture, audio, subtitles: texts.map(({ language }) => language) },
  texts,
})

const NOBODY_LOOKED = 'nobody looked'
