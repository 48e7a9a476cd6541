import { type Spans, spansIn, type Token } from './read-tokens.ts'

/** `S01E02`: a season with episodes of it. */
export interface Pair {
  readonly season: number
  readonly episodes: Spans
  /** Index of its token. */
  readonly at: number
}

/** What the marks of a name say, of a release or of a file in it. */
export interface NameMarks {
  readonly pairs: readonly Pair[]
  readonly seasons: Spans
  /** Without a season beside them. */
  readonly episodes: Spans
  readonly parts: Spans
  readonly dates: readonly string[]
  /** `all`: complete, `mini`: a series of one season. */
  readonly complete: 'all' | 'mini' | 'tv' | undefined
}

export function marksIn(tokens: readonly Token[]): NameMarks {
  const pairs: Pair[] = []
  const seasons: Spans[number][] = []
  const episodes: Spans[number][] = []
  const parts: Spans[number][] = []
  const dates: string[] = []
  let complete: NameMarks['complete']
  for (const [at, { kind, value }] of tokens.entries()) {
    if (kind !== 'mark') continue
    const pair = /^s(\d+)e(.+)$/.exec(value)
    if (pair) pairs.push({ season: Number(pair[1]), episodes: spansIn(pair[2] ?? ''), at })
    else if (/^s\d/.test(value)) seasons.push(...spansIn(value.slice(1)))
    else if (/^[en]\d/.test(value)) episodes.push(...spansIn(value.slice(1)))
    else if (/^p\d/.test(value)) parts.push(...spansIn(value.slice(1)))
    else if (/^d\d/.test(value)) dates.push(value.slice(1))
    else if (complete !== 'mini') complete = value as NameMarks['complete']
  }
  return { pairs, seasons, episodes, parts, dates, complete }
}
