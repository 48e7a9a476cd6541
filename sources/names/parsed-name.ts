import { z } from 'zod'
import { MAX_NAME } from './fold.ts'

/** Of all tokens of a name together; UTF-16 units. */
const MAX_TOKENS = 4000
const text = z.string().max(MAX_NAME)
const word = text.optional()
const words = z.array(text).max(100).readonly()
/** `S01E0001-E2000` is a range of two thousand numbers. */
const numbers = z.array(z.int().min(0)).max(2000).readonly()

/** What the worker may answer for the name of a release; what has another shape is no name. */
export const parsedNameShape = z
  .object({
    title: word,
    year: z.number().optional(),
    /** As the matcher reads the name (name-tokens.ts). */
    tokens: z.string().max(MAX_TOKENS),
    /** `2160p`, `1080p`, ... */
    resolution: word,
    /** `WEB-DL`, `BluRay`, `HDTV`, ... */
    medium: word,
    codec: word,
    hdr: words,
    audio: words,
    /** As the parser says: `en`, `es-419`, `multi audio`. */
    languages: words,
    group: word,
    /** Recorded in a cinema, telesync, screener: never a good copy. */
    poor: z.boolean(),
  })
  .readonly()

/** What the name of a release says; words as people write them. */
export type ParsedName = z.infer<typeof parsedNameShape>

/** What is known of a name that says nothing, or takes too long to read. */
export const NO_NAME: ParsedName = {
  tokens: '',
  hdr: [],
  audio: [],
  languages: [],
  poor: false,
}

/** What the worker may answer for the path of a file. */
export const episodeMarksShape = z
  .object({
    /** From the name, else the nearest folder that names one; 0 = specials. */
    season: z.number().optional(),
    episodes: numbers,
    /** Season and episode stand together in the name itself, as in `S01E02`. */
    sure: z.boolean(),
    /** The name's part before them, letters and digits only; empty when not `sure`. */
    series: text,
    /** The only number of three or four digits; it may be season and episode together (`117`). */
    bare: text.optional(),
    /** A number that is believed only if every file of the torrent has one, each a different one. */
    guess: z.number().optional(),
    /** A film or an extra of the series, or a whole season: not one episode. */
    aside: z.boolean(),
  })
  .readonly()

/** What a file's name says about its episode. */
export type EpisodeMarks = z.infer<typeof episodeMarksShape>

/**
 * What the worker answers: one for each name, from the first on; null is a name that a parser threw
 * at. Hostile text ran there, so each is checked by itself.
 */
export const answerShape = z.object({ id: z.int(), answers: z.array(z.unknown()) })
