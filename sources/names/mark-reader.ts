/**
 * What a mark in a name says, as it stands in a token: seasons `s1-5`, episodes of them `s1e5,6`,
 * episodes without a season `e5` (spelled) or `n5` (a number alone), a part `p2`, a date `d2024-03-11`.
 */
export interface FoundMark {
  readonly length: number
  readonly value: string
}

/** Folding takes the syllables of Korean apart, and the signs off letters: `серії`. */
export const at = (pattern: string): RegExp =>
  new RegExp(pattern.normalize('NFKD').replace(/\p{M}/gu, ''), 'uy')

export type Reader = (text: string, from: number) => FoundMark | undefined

function matchAt(pattern: RegExp, text: string, from: number): RegExpExecArray | null {
  pattern.lastIndex = from
  return pattern.exec(text)
}

export const reader =
  (pattern: RegExp, value: (found: RegExpExecArray) => string | undefined): Reader =>
  (text, from) => {
    const found = matchAt(pattern, text, from)
    const said = found && value(found)
    return said ? { length: found[0].length, value: said } : undefined
  }

/**
 * With what goes on behind it: `pattern` finds the next number, its first group a sign of a range; `nextOf`
 * reads that number, undefined where it does not belong to the mark.
 */
export const continued =
  (
    pattern: RegExp,
    nextOf: (more: RegExpExecArray, last: number, value: string) => number | undefined,
  ) =>
  (first: Reader): Reader =>
  (text, from) => {
    const found = first(text, from)
    if (!found) return undefined
    let end = from + found.length
    let { value } = found
    let last = Number(/(?<!\d)\d+$/.exec(value)?.[0])
    for (let more = matchAt(pattern, text, end); more; more = matchAt(pattern, text, end)) {
      const next = nextOf(more, last, value)
      if (next === undefined) break
      value += `${more[1] ? '-' : ','}${next}`
      last = next
      end += more[0].length
    }
    return { length: end - from, value }
  }
