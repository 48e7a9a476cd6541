import { right, type Verdict, wrong } from '../../matching/verdict.ts'
import {
  type Candidate,
  idVerdict,
  type Judge,
  type Judged,
  NOT_CALLED,
  objection,
  ofAnotherId,
  ownName,
  titleFolders,
} from './judge.ts'
import { isNameless } from './library-names.ts'

/**
 * A film is right by its own name, or by the name of its folder where its own says nothing else. A folder
 * that names another year or country of the same title speaks against it.
 */
export async function judgeFilm(
  candidate: Candidate,
  imdbId: string,
  judge: Judge,
): Promise<Judged> {
  const by = idVerdict(candidate, imdbId)
  const name = ownName(candidate)
  const folders = titleFolders(candidate)
  const [[own], [asTold], around] = await Promise.all([
    judge([name]),
    judge([name], 'attribute'),
    judge(folders),
  ])
  const parsed = [own, ...around].map((one) => one?.parsed)
  const verdict = (): Verdict => {
    if (by === 'another') return ofAnotherId
    const byName = own?.verdict ?? wrong('other title')
    if (by === 'this') return byId(candidate, byName, asTold?.verdict ?? byName)
    const verdicts = around.map((one) => one.verdict)
    const against = objection(verdicts)
    if (against) return against
    if (byName.kind === 'right') return byName
    const isOpen = byName.reason === 'no year' || isNameless(name)
    const [nearest] = verdicts
    return isOpen && nearest?.kind === 'right' ? right(`its folder: ${nearest.reason}`) : byName
  }
  return { candidate, verdict: verdict(), resolution: resolutionIn(parsed) }
}

/** Of several videos in a folder with an id one that is not called for the film may be anything. */
function byId(candidate: Candidate, byName: Verdict, asTold: Verdict): Verdict {
  const isCalled = !NOT_CALLED.has(byName.reason)
  const isMeant = candidate.id !== undefined || candidate.siblings === 1
  if (!isCalled && !isMeant && !isNameless(ownName(candidate))) {
    return wrong('one of several in the folder')
  }
  // Words of another language are no countries: `Das Ding aus ...`.
  return !isCalled && asTold.reason === 'other country' ? right('its id') : asTold
}

/** The first that says it; only where the file's own name does not. */
export function resolutionIn(
  parsed: readonly ({ readonly resolution?: string | undefined } | undefined)[],
): string | undefined {
  if (parsed[0]?.resolution !== undefined) return undefined
  return parsed.find((one) => one?.resolution !== undefined)?.resolution
}
