import type { IncomingMessage, ServerResponse } from 'node:http'
import { parse as parseQuery } from 'node:querystring'
import { readPreferences, writePreferences } from '../../addon/preferences.ts'
import { viewersChoice } from '../../addon/viewers-choice.ts'
import { Fault } from '../../common/errors.ts'
import type { Auto, AutoRequest } from '../../player/auto/auto.ts'
import type { Asker } from '../../player/jobs/viewer.ts'
import { openToAll } from '../http/cors.ts'
import type { Lifecycle } from '../http/lifecycle.ts'
import { type PlayAddress, parsePlayTitle } from './parse-play.ts'

/** The preferences of the list, from `c` of the address. Unknown preferences are ignored. */
function preferencesOf(query: string): AutoRequest['preferences'] {
  const { c } = parseQuery(query)
  const preferences = typeof c === 'string' ? readPreferences(c) : undefined
  if (!preferences) return undefined
  return {
    name: writePreferences(preferences),
    order: (listed) => viewersChoice(listed, preferences),
  }
}

/**
 * `auto` in place of the number: 302 to the source that plays, which a player then asks for by
 * itself. HEAD only guesses. Relative, so that a path prefix of a proxy stays.
 * @throws Fault as Auto.choose; DRAINING
 */
export async function answerAuto(
  req: IncomingMessage,
  res: ServerResponse,
  address: PlayAddress,
  deps: {
    readonly auto: Auto
    readonly asker: Asker | undefined
    readonly lifecycle: Pick<Lifecycle, 'state'>
  },
  signal: AbortSignal,
): Promise<void> {
  const { auto, asker, lifecycle } = deps
  const title = parsePlayTitle(address)
  const head = req.method === 'HEAD'
  if (!head && lifecycle.state === 'draining') throw new Fault('DRAINING', { retryAfterSeconds: 5 })
  const preferences = preferencesOf(address.query)
  const request = { title, asker, signal, ...(preferences && { preferences }) }
  const { number, key } = await (head ? auto.guess(request) : auto.choose(request))
  const place =
    title.type === 'series' ? `../../${number}/${title.season}/${title.episode}` : number
  res.writeHead(302, {
    ...openToAll,
    Location: `${place}?s=${key}`,
    'Cache-Control': 'no-store',
    'Referrer-Policy': 'no-referrer',
    'Content-Length': 0,
  })
  res.end()
}
