import { createHash } from 'node:crypto'
import type { Segments } from '../../cache/limits/segment-room.ts'
import { Fault } from '../../common/errors.ts'
import type { ConversionStats } from '../../common/play-stats.ts'
import { SingleFlight } from '../../common/single-flight.ts'
import { trackNames } from '../../common/subtitles/track-names.ts'
import type { AudioTrack, Film } from '../../media/film/film.ts'
import type { Rung } from '../../media/film/rungs.ts'
import { hasSurround } from '../../media/film/surround.ts'
import type { Media, Sound } from '../../media/media.ts'
import {
  masterPlaylist,
  type OfferedSound,
  playedAs,
  soundForAll,
} from '../../media/playlists/master-playlist.ts'
import { mediaPlaylist } from '../../media/playlists/media-playlist.ts'
import type { Asked } from '../../media/thread/film-threads.ts'
import { nameOfPlay, type PlayRequest } from '../files/play-request.ts'
import type { BytesPlayable } from '../files/playable.ts'
import type { ProbedFilms } from '../films/probed-films.ts'
import type { Playback } from '../play/playback.ts'
import { encodedFacts, expectPicture, offeredPictures, stampOf } from './encoded-offer.ts'
import type { FilmPart, PartOfTrack } from './film-parts.ts'

export interface PartOfFilm {
  readonly body: string | Uint8Array
  /** Strong validator (RFC 9110 8.8.3), quotes included; a relayed link may have none. */
  readonly etag: string | undefined
}

/** Films made ready for browsers: playlists, segments, and what a page has to know. */
export interface BrowserFilms {
  /** @throws Fault as a play; MEDIA_UNREADABLE, NO_CONVERTER, TOO_MANY_CONVERSIONS, NOT_FOUND */
  part(request: PlayRequest, part: FilmPart): Promise<PartOfFilm>
  /** The validator that the part has, where that can be said without starting anything. */
  etagOf(request: PlayRequest, part: FilmPart): Promise<string | undefined>
}

export interface BrowserFilmParts {
  readonly playback: Playback
  readonly media: Media
  readonly films: Pick<ProbedFilms, 'film' | 'guard'>
  /** Where segments go that were made. */
  readonly segments: Pick<Segments, 'read' | 'keep'>
  /** With `copy` only tracks that browsers take as they are (AAC) are offered; with `video` pictures are encoded too. */
  readonly browser: 'copy' | 'audio' | 'video'
}

type MasterPart = Extract<FilmPart, { readonly kind: 'master' }>

/** Raised whenever the same file comes to other bytes. */
const VERSION = 5

export class FilmsForBrowsers implements BrowserFilms {
  readonly #parts: BrowserFilmParts
  readonly #counts = { made: 0, reread: 0 }
  readonly #flights = new SingleFlight<PartOfFilm>({ whenAbandoned: 'abort' })

  constructor(parts: BrowserFilmParts) {
    this.#parts = parts
  }

  get stats(): ConversionStats {
    return { ...this.#parts.media.conversions, ...this.#counts }
  }

  part(request: PlayRequest, part: FilmPart): Promise<PartOfFilm> {
    const key = `${nameOfPlay(request)} ${JSON.stringify(part)}`
    return this.#flights.join(key, request.signal, (signal) =>
      this.#make({ ...request, signal }, part),
    )
  }

  async etagOf(request: PlayRequest, part: FilmPart): Promise<string | undefined> {
    const head = await this.#parts.playback.head(request)
    if (head.kind === 'redirect') throw elsewhere()
    return etagOfPart(head.etag, part, await this.#stampOf(part))
  }

  /** The play is given back as soon as the part is made: it lies in memory then. */
  async #make(request: PlayRequest, part: FilmPart): Promise<PartOfFilm> {
    const playable = await this.#parts.playback.play(request)
    if (playable.kind === 'redirect') throw elsewhere()
    try {
      if (playable.whole) throw elsewhere()
      const etag = etagOfPart(playable.etag, part, await this.#stampOf(part))
      return { body: await this.#remembered(request, playable, part, etag), etag }
    } finally {
      playable.release()
    }
  }

  /** A segment is made once: the next viewer costs a read of it. */
  async #remembered(
    request: PlayRequest,
    playable: BytesPlayable,
    part: FilmPart,
    etag: string | undefined,
  ): Promise<string | Uint8Array> {
    const { films, media, segments } = this.#parts
    const name = part.kind === 'segment' ? etag?.slice(1, -1) : undefined
    const kept = name === undefined ? undefined : await segments.read(name)
    if (kept) {
      this.#counts.reread++
      return kept
    }
    const asked = { signal: request.signal, address: request.asker?.address }
    const film = await films.film(playable, asked)
    expectPicture(film.video, await media.strength)
    const make = () => this.#body(request, playable, film, part, asked)
    const body = await films.guard(playable, make)
    if (part.kind === 'segment') this.#counts.made++
    // Nobody waits for it.
    if (name !== undefined && typeof body !== 'string') void segments.keep(name, body)
    return body
  }

  async #body(
    request: PlayRequest,
    playable: BytesPlayable,
    film: Film,
    part: FilmPart,
    asked: Asked,
  ): Promise<string | Uint8Array> {
    const { media } = this.#parts
    const query = request.sourceKey === undefined ? '' : `?s=${request.sourceKey}`
    if (part.kind === 'film') return JSON.stringify(await this.#facts(film, playable))
    if (part.kind === 'master') {
      const pictures = offeredPictures(film, part.picture, await media.strength)
      const sound = this.#offeredSound(film, part)
      return masterPlaylist(film, pictures, sound, playable.size, query)
    }
    if (part.kind === 'textPlaylist' || part.kind === 'text') {
      if (!film.subtitles.some(({ id }) => id === part.track)) throw new Fault('NOT_FOUND')
      if (part.kind === 'textPlaylist') return mediaPlaylist(film, `text-${part.track}`, query)
      return media.textSegment(playable, film, part.track, part.n, asked)
    }
    if (part.rung) return this.#encoded(playable, film, { ...part, rung: part.rung }, query, asked)
    if (part.track !== undefined) {
      const sound = this.#sound(film, part.track, part.isSurround)
      if (part.kind === 'playlist') {
        const group = part.isSurround ? 'surround' : 'audio'
        return mediaPlaylist(film, `${group}-${part.track}`, query, sound.track)
      }
      if (part.kind === 'init') return media.audioInit(playable, sound, asked)
      return media.audioSegment(playable, film, sound, part.n, asked)
    }
    if (!film.video.isCopied) throw new Fault('NOT_FOUND')
    if (part.kind === 'playlist') return mediaPlaylist(film, 'video', query)
    if (part.kind === 'init') return media.videoInit(playable, asked)
    return media.videoSegment(playable, film, part.n, asked)
  }

  async #encoded(
    playable: BytesPlayable,
    film: Film,
    part: PartOfTrack & { readonly rung: Rung },
    query: string,
    asked: Asked,
  ): Promise<string | Uint8Array> {
    const { media } = this.#parts
    const { rung } = part
    if (part.kind === 'playlist') return mediaPlaylist(film, `encoded-${rung}`, query)
    if (part.kind === 'init') return media.encodedInit(film, rung, asked)
    return media.encodedSegment(playable, film, { rung, n: part.n }, asked)
  }

  async #stampOf(part: FilmPart): Promise<string> {
    const { media, browser } = this.#parts
    return stampOf(part, browser, await media.strength)
  }

  #offered(film: Film): readonly AudioTrack[] {
    return this.#parts.browser === 'copy' ? film.audio.filter((one) => one.isCopied) : film.audio
  }

  /** A browser that has said what it takes is offered that alone. */
  #offeredSound(film: Film, { picture, isSurround }: MasterPart): OfferedSound {
    const audio = this.#offered(film)
    if (picture === undefined) return soundForAll(audio)
    return { audio, groups: [isSurround ? 'surround' : 'audio'] }
  }

  /** @throws Fault NOT_FOUND */
  #sound(film: Film, id: number, isSurround: boolean | undefined): Sound {
    const track = this.#offered(film).find((one) => one.id === id)
    if (!track || (isSurround && !hasSurround(track))) throw new Fault('NOT_FOUND')
    return { track, channels: isSurround ? 6 : 2 }
  }

  async #facts(film: Film, { name, size }: BytesPlayable) {
    const { duration, video, audio, subtitles, chapters, starts, places } = film
    const names = trackNames(audio)
    const offered = new Set(this.#offered(film))
    return {
      name,
      size,
      duration,
      video,
      ...encodedFacts(video, await this.#parts.media.strength),
      audio: audio.map((track, n) => ({
        ...track,
        name: names[n],
        isOffered: offered.has(track),
        playedAs: playedAs(track),
        hasSurround: offered.has(track) && hasSurround(track),
      })),
      subtitles: subtitles.length,
      chapters,
      // Seconds and bytes: which part of the file a time of the film is.
      places: places?.map((place, n) => [Math.round(starts[n] ?? 0), place]),
    }
  }
}

const elsewhere = (): Fault =>
  new Fault('MEDIA_UNREADABLE', {
    message:
      'This source is a link to another server, which this one cannot make ready for a browser. Open the link itself.',
  })

/** Equal for equal bytes on every node, as the file's own validator is. */
function etagOfPart(etag: string | undefined, part: FilmPart, stamp: string): string | undefined {
  if (etag === undefined) return undefined
  const made = createHash('sha256').update(`${VERSION} ${etag} ${JSON.stringify(part)} ${stamp}`)
  return `"${made.digest('base64url').slice(0, 27)}"`
}
