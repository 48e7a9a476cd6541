import { Fault } from '../../common/errors.ts'
import type { NumberedSource } from '../source.ts'
import { isPlayable } from './source-list-entry.ts'
import type { SourceList } from './source-lists.ts'

/** The key wins: after a lost source list the same number may mean another source. */
export const pick = ({ sources }: SourceList, number: number, key: string | undefined) => {
  const meant = sources[number]
  if (key === undefined || meant?.key === key) return meant
  return sources.find((source) => source.key === key)
}

/** False for one that has its number only, and must be named by its provider again. */
export const isWhole = (source: NumberedSource): boolean => source.retired || isPlayable(source)

/** @throws Fault SOURCE_GONE */
export function notRetired(source: NumberedSource): NumberedSource {
  if (source.retired) throw new Fault('SOURCE_GONE')
  return source
}
