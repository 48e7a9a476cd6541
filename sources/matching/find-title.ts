import type { Title } from '../../common/title.ts'
import { loosely } from '../names/fold.ts'
import type { Token } from '../names/read-tokens.ts'
import type { TitleFacts } from './titles/title-facts.ts'
import type { TitleKey } from './titles/title-key.ts'
import { OWNERS, titleKeys } from './titles/title-keys.ts'

/** The first token behind a title, and the number that stood in the midst of it. */
interface Behind {
  readonly end: number
  readonly sequel: string | undefined
}

/** Behind the title that begins at `start`; undefined where it is another. */
function behindTitle(
  tokens: readonly Token[],
  start: number,
  { letters, isLoose, gap }: TitleKey,
): Behind | undefined {
  let rest = letters
  let at = start
  let sequel: string | undefined
  for (; at < tokens.length && rest !== ''; at++) {
    const token = tokens[at]
    if (!token || (token.kind === 'break' && token.letters === '')) continue
    if (token.kind === 'and' && !rest.startsWith('and')) continue
    const isInGap = sequel === undefined && letters.length - rest.length === gap
    if (isInGap && NUMBER.test(token.letters)) {
      sequel = token.letters
      continue
    }
    const own = token.kind === 'and' ? 'and' : isLoose ? loosely(token.letters) : token.letters
    if (isDayOf(token, rest)) return { end: at + 1, sequel }
    if (!rest.startsWith(own)) return undefined
    rest = rest.slice(own.length)
  }
  const isWhole = rest === '' && (gap === undefined || sequel !== undefined)
  return isWhole ? { end: at, sequel } : undefined
}

/** Of a part of several films, or of a season. */
const NUMBER = /^(?:[1-9]|1\d)$/

/** `September.5.2024` of `September 5`. */
const isDayOf = ({ kind, value, letters }: Token, title: string): boolean =>
  kind === 'mark' &&
  value.startsWith('d') &&
  letters.startsWith(title) &&
  /^\d{4}$/.test(letters.slice(title.length))

/** Where the title stands in a name. */
export interface FoundTitle {
  readonly start: number
  /** The first token behind it. */
  readonly end: number
  readonly isShort: boolean
  readonly isLess?: boolean | undefined
  /** Of a title that ends with a day, which its year seems to belong to: `September 5 2024`. */
  readonly year: number | undefined
  /** A number in front of its second title, which is none of it: `Mushoku Tensei II: Isekai ...`. */
  readonly sequel?: string | undefined
}

/**
 * The title in the head of a name: at its beginning, behind a group or a year there, or as one of several
 * names of the same (`Тьма / Dark`, `Amélie AKA ...`, `[葬送/Sousou no Frieren]`). Wherever it may stand, the surest first.
 */
export function titlesIn(
  tokens: readonly Token[],
  facts: TitleFacts,
  type: Title['type'],
): readonly FoundTitle[] {
  const starts = startsIn(tokens)
  const found = new Map<number, FoundTitle>()
  const keys = titleKeys(facts).filter(({ isOfFilm }) => type === 'movie' || !isOfFilm)
  for (const key of keys) {
    for (const start of starts) {
      const behind = found.has(start) ? undefined : behindTitle(tokens, start, key)
      if (!behind || (key.isLess && !isPlain(tokens.slice(behind.end)))) continue
      const year = yearIn(tokens[behind.end - 1])
      const end = behindAnother(tokens, { start, ...behind }, { key, keys, type }) ?? behind.end
      const { isShort, isLess } = key
      found.set(start, { start, ...behind, end, isShort, isLess, year })
    }
  }
  return [...found.values()]
}

/** `La Casa de Papel - Money Heist`: another name of the same right behind. */
function behindAnother(
  tokens: readonly Token[],
  { start, end }: Pick<FoundTitle, 'start' | 'end'>,
  of: {
    readonly key: TitleKey
    readonly keys: readonly TitleKey[]
    readonly type: Title['type']
  },
): number | undefined {
  const isBroken = tokens[end]?.kind === 'break'
  const next = tokens.findIndex(({ kind }, at) => at >= end && kind !== 'break')
  // Not `1984 1984`, whose second is the year.
  if (tokens[next]?.kind !== 'word') return undefined
  const isMany = (from: number, to: number): boolean =>
    tokens.slice(from, to).filter(({ kind }) => kind !== 'break').length > 1
  for (const { letters, isShort, ...key } of of.keys) {
    // `Liar Liar` is another title.
    const isSame = key.of === of.key.of || isIn(letters, of.key.letters)
    if (isShort || letters.length < 4 || isSame) continue
    const behind = behindTitle(tokens, end, { letters, isShort, ...key })?.end
    if (behind === undefined) continue
    const isSure = isBroken || (isMany(start, end) && isMany(next, behind))
    if (of.type === 'movie' || isSure) return behind
  }
  return undefined
}

const isIn = (a: string, b: string): boolean => a.includes(b) || b.includes(a)

/** Nothing but a year and words of a release, for `Kill Bill 2003 Vol 2` is another part. */
function isPlain(behind: readonly Token[]): boolean {
  const said = behind.filter(({ kind }) => kind !== 'break')
  const [year, ...others] = said
  const isGroup = (at: number): boolean =>
    at === others.length - 1 && CODEC.test(others[at - 1]?.letters ?? '')
  return (
    year?.kind === 'year' &&
    others.every(
      ({ kind, letters }, at) =>
        kind === 'technical' ||
        kind === 'country' ||
        (kind === 'word' &&
          !/^(?:\d+|[ivx]+)$/.test(letters) &&
          (GROUP.test(letters) || isGroup(at))),
    )
  )
}

/** What groups write last. */
const CODEC = /^(?:[hx]26[45]|hevc|avc|av1|xvid|divx|(?:ddp?|aac|ac3|dts|truehd|flac)?[257][01])$/
const GROUP = /^(?:yts|yify|rarbg|mx)$/

/** Of a day that ends a title, which it would be a date without. */
const yearIn = (last: Token | undefined): number | undefined =>
  last?.kind === 'mark' && last.value.startsWith('d') ? Number(last.letters.slice(-4)) : undefined

function startsIn(tokens: readonly Token[]): readonly number[] {
  const starts: number[] = []
  let isStart = true
  let hasWord = false
  let isForeign = false
  let depth = 0
  for (const [at, { kind, letters, value }] of tokens.entries()) {
    if (kind === 'break') {
      isStart ||= value !== '-'
      depth = Math.max(0, depth + (value === '[' ? 1 : value === ']' ? -1 : 0))
      continue
    }
    if (isStart) starts.push(at)
    const isLocal = kind === 'mark' && isBehindAnotherName(tokens, at, isForeign)
    if (depth === 0 && isEnd(kind, value, hasWord) && !isLocal) break
    // A year in front, how it was made, or whose series it is; or a season of it in another script.
    const isBefore =
      !hasWord && (kind === 'year' || (kind === 'technical' && PICTURE.test(letters)))
    isStart = (isStart && (isBefore || OWNERS.has(letters))) || (isLocal && isForeign)
    hasWord ||= kind === 'word'
    isForeign ||= kind === 'word' && /[^\0-\x7f]/.test(letters)
  }
  return starts
}

/** `4K.Inception`, but not `French Kiss`. */
const PICTURE = /^(?:\d{3,4}[pi]|4k|8k|u?hd|3d|bluray|bdrip|dvdrip|web(?:rip|dl)?)$/

/** `权力的游戏 第八季.Game.of.Thrones.S08E01`, `Игра престолов 8 сезон / Game of Thrones` */
const isBehindAnotherName = (tokens: readonly Token[], at: number, isForeign: boolean): boolean =>
  tokens[at + 1]?.value === '/' || (isForeign && /^s[\d,-]+$/.test(tokens[at]?.value ?? ''))

/** Behind the first mark and year there are names of episodes, and other films of a collection. */
const isEnd = (kind: Token['kind'], value: string, hasWord: boolean): boolean =>
  kind === 'mark' ? /\d/.test(value) && !value.startsWith('p') : kind === 'year' && hasWord
