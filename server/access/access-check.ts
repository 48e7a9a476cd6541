import type { IncomingMessage } from 'node:http'
import type { Request } from 'express'
import type { AccessToken } from '../../common/access-tokens.ts'
import { Fault } from '../../common/errors.ts'
import { handedOf } from '../http/handed-check.ts'
import { type Check, TOKEN } from '../http/request-checks.ts'
import { showStartPage } from '../http/start-page.ts'
import type { AccessFile } from './access-file.ts'

/** Before the path of a request target in absolute form (RFC 9112 3.2.2). */
const ORIGIN = String.raw`^(?:[a-z][a-z0-9+.-]*:\/\/[\w.:[\]-]*)?`

/** A token, and the path behind it: the address as everybody knows it. */
const WITH_TOKEN = new RegExp(String.raw`${ORIGIN}${TOKEN}(\/.*)$`, 's')

/** Addresses that name no title and start nothing, or ask for another authority. */
const OPEN = new RegExp(
  String.raw`${ORIGIN}\/(?:health|ready|metrics|test-source-selection|api|api\/(?:cache-stats|cache-config|doctor|downloads|history|live|openapi\.json|plays|settings|tokens)|(?:assets|clips|node\/ahead)\/[^?#\\]*)(?:\?|$)`,
)

/** Whether it is answered without a token of ACCESS_TOKENS. @param target of a request, or its path */
export const isOpen = (target: string): boolean => OPEN.test(target)

interface Visit {
  readonly token: AccessToken
  /** `/t/<token>`, as it was asked for. */
  readonly prefix: string
}

const visits = new WeakMap<IncomingMessage, Visit>()

/** The token that a request came with; undefined without ACCESS_TOKENS. */
export const tokenOf = (req: IncomingMessage): AccessToken | undefined => visits.get(req)?.token

/** The base of every URL handed out, for the token of its request: equal each time for one viewer. */
export const withToken =
  (baseUrl: (req: Request) => string): ((req: Request) => string) =>
  (req) =>
    `${baseUrl(req)}${visits.get(req)?.prefix ?? ''}`

/**
 * With ACCESS_TOKENS set, what a viewer asks for takes a token in its path: `/t/<token>/manifest.json`
 * and whatever that leads to. Goes on with the path behind it, so no route, log or count knows tokens.
 * Throws Fault TOKEN_MISSING, TOKEN_UNKNOWN.
 */
export function createAccessCheck(file: Pick<AccessFile, 'find'>): Check {
  return (req, _res, next) => {
    // Let in already, where the viewer came to.
    if (handedOf(req)) return next()
    const asked = req.url ?? ''
    const [, text, rest] = WITH_TOKEN.exec(asked) ?? []
    if (text === undefined || rest === undefined) {
      if (isOpen(asked)) return next()
      throw new Fault('TOKEN_MISSING')
    }
    const token = file.find(text)
    if (!token) throw new Fault('TOKEN_UNKNOWN')
    showStartPage(req)
    visits.set(req, { token, prefix: `/t/${text}` })
    req.url = rest
    next()
  }
}
