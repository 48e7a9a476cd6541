import { LRUCache } from 'lru-cache'
import type { FilmPart, Source } from '../source.ts'
import { sourceKey } from '../source-key.ts'
import type { ProviderAnswer } from './look-up.ts'

/** Torrents of films in parts are rare, and a list remembers what it has told once. */
const MAX_FILMS = 500
/** Parts of one film, the first left out. */
const MAX_PARTS = 20

/**
 * The further parts of films whose torrents hold more than one (CD1 and CD2). A provider names the
 * torrent only, so they become known when it is played first; then each is a source of its own.
 */
export class FilmPartSources {
  /** By the key of the source that plays the first part. */
  readonly #parts = new LRUCache<string, readonly FilmPart[]>({ max: MAX_FILMS })

  /** Answers whether that is news. */
  learn(source: Source, parts: readonly FilmPart[]): boolean {
    const key = sourceKey(source)
    if (parts.length === 0 || this.#parts.has(key)) return false
    this.#parts.set(key, parts.slice(0, MAX_PARTS))
    return true
  }

  /** What the providers answered, each film followed by its further parts. */
  added(answers: readonly ProviderAnswer[]): readonly ProviderAnswer[] {
    if (this.#parts.size === 0) return answers
    return answers.map((answer) => ({
      ...answer,
      sources: answer.sources?.flatMap((source) => [source, ...this.#partsOf(source)]),
    }))
  }

  #partsOf(source: Source): readonly Source[] {
    const partOf = sourceKey(source)
    // Subtitles elsewhere are of the first one, or of all together.
    const { subtitles: _, ...whole } = source
    const parts = this.#parts.get(partOf) ?? []
    return parts.map(({ fileIdx, name, size }) => ({
      ...whole,
      ...{ partOf, selector: { fileIdx }, filename: name, size },
    }))
  }
}
