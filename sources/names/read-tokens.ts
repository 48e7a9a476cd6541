import { countryOf } from './word-classes.ts'

/** A token of a name; name-tokens.ts has their forms. */
export interface Token {
  readonly kind: 'word' | 'year' | 'country' | 'technical' | 'aside' | 'mark' | 'break' | 'and'
  /** Letters and digits of it, in Latin; empty of a break. */
  readonly letters: string
  /** Of a mark or year; of a country its code; of a break which. */
  readonly value: string
}

/** Numbers, as spans from one to another. */
export type Spans = readonly (readonly [from: number, to: number])[]

const KINDS: Readonly<Record<string, Token['kind']>> = {
  ...{ '@': 'year', '^': 'country', '~': 'technical', '!': 'aside', '#': 'mark' },
  ...{ '[': 'break', ']': 'break', '-': 'break', '/': 'break', ';': 'break', '&': 'and' },
}

export const readTokens = (tokens: string): readonly Token[] =>
  tokens === '' ? [] : tokens.split(' ').map(readToken)

function readToken(text: string): Token {
  const [sign = ''] = text
  const kind = KINDS[sign]
  if (kind === undefined) return { kind: 'word', letters: text, value: text }
  if (kind === 'break') return { kind, letters: text.slice(1), value: sign }
  const [letters = '', value = letters] = text.slice(1).split('=')
  if (kind === 'country') return { kind, letters, value: countryOf(letters) ?? letters }
  if (kind !== 'year') return { kind, letters, value }
  return { kind, letters: letters.replace('-', ''), value: letters }
}

/** `1-5,8`; `8-9-10` is from 8 to 10. */
export const spansIn = (text: string): Spans =>
  text.split(',').map((part) => {
    const numbers = part.split('-')
    return [Number(numbers[0]), Number(numbers.at(-1))]
  })

export const hasNumber = (spans: Spans, number: number): boolean =>
  spans.some(([from, to]) => from <= number && number <= to)

export const isOne = (spans: Spans): boolean =>
  spans.length === 1 && spans[0]?.[0] === spans[0]?.[1]
