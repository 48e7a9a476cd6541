import { LRUCache } from 'lru-cache'
import type { SubtitleTrack } from '../../common/subtitles/subtitle-track.ts'
import type { TextTrack } from '../../media/film/film.ts'
import type { Media } from '../../media/media.ts'
import type { Asked } from '../../media/thread/film-threads.ts'
import { subtitleCode } from '../../sources/matching/subtitle-language.ts'
import type { BytesPlayable } from '../files/playable.ts'
import type { ProbedFilms } from '../films/probed-films.ts'
import type { SubtitleText } from './subtitle-request.ts'

/** UTF-16 units of all texts remembered. */
const MEMORY = 16 << 20
const TRACK = /^embedded-(0|[1-9]\d{0,9})$/

/** Which track within the film a track of subtitles is; undefined: it is a file. */
export function embeddedId(track: string): number | undefined {
  const [, id] = TRACK.exec(track) ?? []
  return id === undefined ? undefined : Number(id)
}

/** Subtitles within films: those that are text and that the film's index finds. */
export class EmbeddedSubtitles {
  readonly #films: Pick<ProbedFilms, 'film' | 'guard' | 'texts' | 'peekTexts'>
  readonly #media: Pick<Media, 'wholeText'>
  readonly #whole = new LRUCache<string, string>({
    maxSize: MEMORY,
    sizeCalculation: (text) => text.length + 100,
  })

  constructor(
    films: Pick<ProbedFilms, 'film' | 'guard' | 'texts' | 'peekTexts'>,
    media: Pick<Media, 'wholeText'>,
  ) {
    this.#films = films
    this.#media = media
  }

  /**
   * As far as anybody has looked into the film. Never rejects.
   * @param isHere the film is: the index is asked too, where this process does not know
   */
  async tracks(etag: string, isHere: boolean): Promise<readonly SubtitleTrack[]> {
    const texts = isHere ? await this.#films.texts(etag) : this.#films.peekTexts(etag)
    return (texts ?? []).filter(isGiven).sort(fullFirst).map(trackOf)
  }

  /** Looks into a film. @throws as Media.probe */
  async look(playable: BytesPlayable, asked: Asked): Promise<void> {
    await this.#films.film(playable, asked)
  }

  /** As much of a track as is there; undefined: the film has no such track. @throws as Media.probe */
  async text(playable: BytesPlayable, id: number, asked: Asked): Promise<SubtitleText | undefined> {
    const { etag, size } = playable
    const name = `${etag} ${id}`
    const known = this.#whole.get(name)
    if (known !== undefined) return { text: known, isWhole: true }
    const { subtitles } = await this.#films.film(playable, asked)
    if (!subtitles.some((track) => track.id === id && isGiven(track))) return undefined
    const isWhole = playable.has?.({ start: 0, end: size - 1 }) ?? true
    const text = await this.#films.guard(playable, () => this.#media.wholeText(playable, id, asked))
    if (isWhole && etag !== undefined) this.#whole.set(name, text)
    return { text, isWhole }
  }
}

const isGiven = ({ isIndexed }: TextTrack): boolean => isIndexed
/** Of two in one language apps take the first: signs alone are not what is meant. */
const fullFirst = (a: TextTrack, b: TextTrack): number => Number(a.isForced) - Number(b.isForced)

const trackOf = ({ id, language, title }: TextTrack): SubtitleTrack => ({
  id: `embedded-${id}`,
  lang: subtitleCode(language),
  title,
})
