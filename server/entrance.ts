import type { RequestListener } from 'node:http'
import type { Check } from './http/request-checks.ts'
import { matchPlay } from './play/parse-play.ts'
import type { PlayRoute } from './play/play-route.ts'

export interface EntranceParts {
  /** In their order. */
  readonly checks: readonly Check[]
  readonly play: PlayRoute
  /** Everything that is no play. */
  readonly rest: RequestListener
  /** Answers with what a check threw. */
  refuse(...refused: [...Parameters<RequestListener>, thrown: unknown]): void
}

/**
 * What every request passes, plays or not, whoever answers it then. Plays go no further: Express costs as
 * much as a fifth of a range of a cached file (docs/decisions/0027-the-way-of-a-range.md).
 */
export function createEntrance({ checks, play, rest, refuse }: EntranceParts): RequestListener {
  const answer: RequestListener = (req, res) => {
    const address = matchPlay(req.url ?? '')
    if (address) void play.answer(req, res, address)
    else rest(req, res)
  }
  const enter = checks.reduceRight<RequestListener>(
    (next, check) => (req, res) => check(req, res, () => next(req, res)),
    answer,
  )
  return (req, res) => {
    try {
      enter(req, res)
    } catch (thrown) {
      refuse(req, res, thrown)
    }
  }
}
