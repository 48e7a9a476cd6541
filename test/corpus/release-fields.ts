import { readFileSync } from 'node:fs'
import { readRelease } from '../../sources/names/read-release.ts'
import { percent } from './percent.ts'

/** Of each field the share that has to be right (docs/matching.md). */
export const FIELD_FLOORS = {
  resolution: 0.95,
  medium: 0.92,
  codec: 0.95,
  hdr: 0.95,
  audio: 0.92,
  languages: 0.95,
  group: 0.85,
} as const
const FIELDS = Object.keys(FIELD_FLOORS) as (keyof typeof FIELD_FLOORS)[]

/** What is the same by another name. */
const SAME: Readonly<Record<string, string>> = {
  x264: 'avc',
  h264: 'avc',
  x265: 'hevc',
  h265: 'hevc',
  ddp: 'dd+',
  eac3: 'dd+',
  ac3: 'dd',
  'dts lossy': 'dts',
  mpeg2: 'mpeg-2',
  hdr10: 'hdr',
}

const words = (value: string | readonly string[] | undefined): string =>
  (typeof value === 'string' ? value.split(',') : (value ?? []))
    .map((word) => word.toLowerCase())
    .map((word) => SAME[word] ?? word)
    .filter((word) => word !== '-')
    .toSorted()
    .join()

export interface Judged {
  readonly field: keyof typeof FIELD_FLOORS
  /** What was read of which name, and what is meant. */
  readonly what: string
  readonly isRight: boolean
}

/** A name, and then its fields in their order. */
export const releaseLines = (): string[] =>
  readFileSync(new URL('./releases.txt', import.meta.url), 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))

export const isWhole = (line: string): boolean => line.split(' | ').length === FIELDS.length + 1

function judged(line: string): Judged[] {
  const [name = '', ...expected] = line.split(' | ')
  const release = readRelease(name)
  return FIELDS.flatMap((field, at) => {
    const wanted = expected[at]
    if (wanted === undefined || wanted === '?') return []
    const got = words(release[field])
    const what = `${name}: ${field} ${got || '-'} and not ${wanted}`
    return [{ field, what, isRight: got === words(wanted) }]
  })
}

/** Of each field all that is judged in the corpus. */
export function judgedFields(): ReadonlyMap<keyof typeof FIELD_FLOORS, readonly Judged[]> {
  const all = releaseLines().flatMap(judged)
  return new Map(FIELDS.map((field) => [field, all.filter((one) => one.field === field)]))
}

export const shareOf = (all: readonly Judged[]): number =>
  all.filter(({ isRight }) => isRight).length / all.length

/** Rows of the table in docs/matching.md: what, how many, right. */
export const fieldRows = (): string[][] =>
  [...judgedFields()].map(([field, all]) => [field, `${all.length}`, percent(shareOf(all))])
