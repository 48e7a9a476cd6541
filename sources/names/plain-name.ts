import { folded, inLatin } from './fold.ts'

/** Letters and digits alone, in Latin letters: `Amélie & Co.` and `amelie and co` are the same name. */
export const plainName = (name: string): string =>
  inLatin(folded(name).replace(/&/g, ' and '))
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim()
