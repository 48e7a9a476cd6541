import { type Spans, spansIn, type Token } from './read-tokens.ts'

/** `S01E02`: a season with episodes of it. */
export interface Pair {
  readonly season: number
  readonly episodes: Spans
  /** Index of its token. */
  readonly at: number
  /** Of `Cap.120`: that may be the twentieth of the first season, or the hundred and twentieth of all. */
  readonly counted?: number
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
  for (const [at, { kind, letters, value }] of tokens.entries()) {
    if (kind !== 'mark') continue
    const pair = /^s(\d+)e(.+)$/.exec(value)
    if (pair) pairs.push({ ...pairOf(pair, letters), at })
    else if (/^s\d/.test(value)) seasons.push(...spansIn(value.slice(1)))
    else if (/^[en]\d/.test(value)) episodes.push(...spansIn(value.slice(1)))
    else if (/^p\d/.test(value)) parts.push(...spansIn(value.slice(1)))
    else if (/^d\d/.test(value)) dates.push(value.slice(1))
    else if (complete !== 'mini') complete = value as NameMarks['complete']
  }
  return { pairs, seasons, episodes, parts, dates, complete }
}

function pairOf([, season, episodes = '']: RegExpExecArray, letters: string): Omit<Pair, 'at'> {
  const counted = /^cap[a-z]*(\d{3,4})$/.exec(letters)?.[1]
  return {
    season: Number(season),
    episodes: spansIn(episodes),
    ...(counted !== undefined && { counted: Number(counted) }),
  }
}
