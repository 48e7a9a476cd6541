import { folded, inLatin } from '../../names/fold.ts'
import { sameWord } from '../../names/word-classes.ts'

/** One way to write a title: its letters and digits alone. */
export interface TitleKey {
  readonly letters: string
  /** Compare as Russian names are written in Latin letters. */
  readonly isLoose: boolean
  /** The article in front, or the word before its number, is left out: only with the film's year. */
  readonly isShort: boolean
  /** Too little of a series, whose name no year bears out: `Star Wars Clone Wars` is another one. */
  readonly isOfFilm?: boolean
  /** A part or the depth of its picture is left out: another film may be called so. */
  readonly isLess?: boolean
  /** Of which of its names it is a way. */
  readonly of?: number
  /** Behind so many letters stands a number that is not of the title. */
  readonly gap?: number
}

export const ARTICLE = /^(?:the|an?|der|die|das|les?|la|el|los|las|il|lo|gli)$/

/** As sources/names/name-tokens.ts has the words of a name. */
export function wordsOf(name: string): string[] {
  const found =
    folded(name)
      .replace(/&| \+ /g, ' and ')
      .match(/[\p{L}\p{N}×]+/gu) ?? []
  const words: string[] = []
  for (const word of found) words.push(sameWord(inLatin(word), words.at(-1)))
  return words
}
