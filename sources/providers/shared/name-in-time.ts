import type { Title } from '../../../common/title.ts'
import type { TitleFacts } from '../../matching/titles/title-facts.ts'
import { withTimeout } from '../../with-timeout.ts'
import type { TitleNames } from './cinemeta.ts'
import { reasonOf } from './foreign-answer.ts'
import { NotAsked } from './not-asked.ts'

/** Of the eight seconds that a provider has: the others are for its own server. */
const NAME_MS = 3000

/**
 * The title's name for a provider that cannot do without. That it does not come is no failure of
 * the provider.
 * @throws NotAsked
 */
export async function nameInTime(
  names: Pick<TitleNames, 'find'>,
  title: Title,
  signal: AbortSignal,
): Promise<TitleFacts | undefined> {
  try {
    return await withTimeout(NAME_MS, signal, (inner) => names.find(title, inner))
  } catch (error) {
    throw new NotAsked('deferred', `the title's name did not come: ${reasonOf(error)}`)
  }
}
