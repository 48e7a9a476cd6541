import type { Title } from '../../../common/title.ts'
import type { FoundBy } from '../../matching/match.ts'
import { match } from '../../matching/match.ts'
import type { TitleFacts } from '../../matching/titles/title-facts.ts'
import { unsure, type Verdict, wrong } from '../../matching/verdict.ts'
import type { NameParser } from '../../names/name-parser.ts'
import { NO_NAME, type ParsedName } from '../../names/parsed-name.ts'
import { isInnerFolder, stemOf, withoutTags } from './library-names.ts'

/** A video that may be of a title. */
export interface Candidate {
  /** Of its root, in the order of the setting. */
  readonly root: number
  /** Path of its folder below the root. */
  readonly folder: string
  readonly name: string
  /** That its name or a note beside it gives; undefined: none. */
  readonly id: string | undefined
  /** That a folder around it gives, the nearest first. */
  readonly folderId: string | undefined
  /** Videos in its folder, itself included. */
  readonly siblings: number
}

/** What names are held against, and who reads them. */
export interface Question {
  readonly title: Title
  /** Undefined: nobody could tell them; then ids alone say which title it is. */
  readonly facts: TitleFacts | undefined
  readonly parser: NameParser
}

/** Names in their order, as the matcher judges them. */
export type Judge = (
  names: readonly string[],
  by?: FoundBy,
) => Promise<readonly { readonly verdict: Verdict; readonly parsed: ParsedName }[]>

export const judgeOf = ({ title, facts, parser }: Question): Judge => {
  return async (names, by = 'name') => {
    const parsed = await readNames(parser, names)
    return names.map((_, at) => {
      const name = parsed[at] ?? NO_NAME
      return { verdict: match(name, title, facts, by), parsed: name }
    })
  }
}

/**
 * What names say. One that could not be read in time is read once more, as another text: the machine may have been
 * busy, and a file is judged once for a long time.
 */
async function readNames(
  parser: NameParser,
  names: readonly string[],
): Promise<readonly ParsedName[]> {
  const parsed = await parser.releases(names)
  const isUnread = (name: string, at: number): boolean =>
    parsed[at]?.tokens === '' && /[\p{L}\p{N}]/u.test(name)
  const unread = names.filter(isUnread)
  if (unread.length === 0) return parsed
  const again = await parser.releases(unread.map((name) => `${name} `))
  return names.map((name, at) =>
    isUnread(name, at) ? (again[unread.indexOf(name)] ?? NO_NAME) : (parsed[at] ?? NO_NAME),
  )
}

/** A candidate with its verdict and what its names say. */
export interface Judged {
  readonly candidate: Candidate
  readonly verdict: Verdict
  /** The height of its picture, where only its folder tells it. */
  readonly resolution: string | undefined
}

export const ownName = ({ name }: Candidate): string => withoutTags(stemOf(name))

/** The folders around it from the inside out, without those of one season or disc. */
export const titleFolders = ({ folder }: Candidate): readonly string[] =>
  folder === ''
    ? []
    : folder
        .split('/')
        .reverse()
        .filter((name) => !isInnerFolder(name))
        .map(withoutTags)

/** Whether an id says that it is another title; an attribute when it says that it is this one. */
export function idVerdict(
  { id, folderId }: Pick<Candidate, 'id' | 'folderId'>,
  imdbId: string,
): 'this' | 'another' | 'none' {
  const said = id ?? folderId
  return said === undefined ? 'none' : said === imdbId ? 'this' : 'another'
}

/** What a folder says that is no objection: it is not called for the title, or leaves something open. */
const OPEN: ReadonlySet<string> = new Set([
  'other title',
  'no name',
  'no year',
  'no season',
  'several films',
  'nobody knows the title',
])

/** Why a name is not called for the title. */
export const NOT_CALLED: ReadonlySet<string> = new Set([
  'other title',
  'no name',
  'nobody knows the title',
])

/** Undefined when nothing that the folders are called speaks against it. */
export function objection(verdicts: readonly Verdict[]): Verdict | undefined {
  const against = verdicts.find(({ kind, reason }) => kind !== 'right' && !OPEN.has(reason))
  return against && (against.kind === 'wrong' ? against : unsure(`its folder: ${against.reason}`))
}

export const ofAnotherId: Verdict = wrong('another id')
