import type { TitleFacts } from '../../matching/titles/title-facts.ts'
import type { TitleKey } from '../../matching/titles/title-key.ts'
import { titleKeys } from '../../matching/titles/title-keys.ts'
import { loosely } from '../../names/fold.ts'

/** Whether words, as scan-folder.ts has them, may name a title: the matcher reads those that do. */
export function titleTest(facts: TitleFacts): (words: string) => boolean {
  const keys = titleKeys(facts)
  const plain = patternOf(keys.filter(({ isLoose }) => !isLoose))
  const loose = patternOf(keys.filter(({ isLoose }) => isLoose))
  return (words) => plain?.test(words) === true || loose?.test(looseWords(words)) === true
}

const looseWords = (words: string): string => words.split(' ').map(loosely).join(' ')

/** `X-Men` and `XMen` are the same title: its letters in their order, wherever words begin. */
function patternOf(keys: readonly TitleKey[]): RegExp | undefined {
  const letters = new Set(keys.map((key) => key.letters).filter((one) => one !== ''))
  if (letters.size === 0) return undefined
  const spaced = [...letters].map((one) => [...one].join(' ?'))
  return new RegExp(` (?:${spaced.join('|')}) `, 'u')
}
