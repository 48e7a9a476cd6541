import {
  checkPreferences,
  EVERYTHING,
  fitIntoAddress,
  LARGEST_MB,
  type Preferences,
} from '../../addon/preferences.ts'

/** Named as the sentences that say so (words/). */
export type FormProblem = 'tooMany' | 'notUnderstood' | 'badSize'

export interface FormAnswer {
  /** As far as it was understood. */
  readonly preferences: Preferences
  /** Nothing is to be installed then. */
  readonly problem?: FormProblem
}

/**
 * What a viewer sent with the form of the Configure page, by `application/x-www-form-urlencoded`.
 * undefined when nothing was sent. Providers are ticked to be listed; the rest is left out, so that
 * one which comes later is listed.
 */
export function readForm(
  sent: URLSearchParams,
  providers: readonly string[],
): FormAnswer | undefined {
  if (!sent.has('chosen')) return undefined
  const ticked = sent.getAll('provider')
  const size = readSize(sent.get('size') ?? '')
  // With a single provider there is no choice, and no box.
  const without = providers.length > 1 ? providers.filter((name) => !ticked.includes(name)) : []
  const tooMany = !fitIntoAddress({ ...EVERYTHING, without })
  const preferences = checkPreferences({
    resolutions: sent.getAll('resolution'),
    languages: sent.getAll('language'),
    ...(size.maxMb === undefined ? {} : { maxMb: size.maxMb }),
    sort: sent.get('sort') ?? 'best',
    without: tooMany ? [] : without,
    hide: sent.getAll('hide'),
  })
  if (!preferences) return { preferences: EVERYTHING, problem: 'notUnderstood' }
  const problem = size.problem ?? (tooMany || !fitIntoAddress(preferences) ? 'tooMany' : undefined)
  return { preferences, ...(problem ? { problem } : {}) }
}

/** GB as people write them, `1.5` or `1,5`. */
function readSize(text: string): { readonly maxMb?: number; readonly problem?: FormProblem } {
  const trimmed = text.trim().replace(',', '.')
  if (trimmed === '') return {}
  const maxMb = Math.round(Number(trimmed) * 1000)
  // One way to read each digit: with two, a long row of them is gone over for each of its members.
  if (/^(?:\d+(?:\.\d+)?|\.\d+)$/.test(trimmed) && maxMb >= 1 && maxMb <= LARGEST_MB)
    return { maxMb }
  return { problem: 'badSize' }
}
