import express, { type Router } from 'express'
import type { AccessToken } from '../../common/access-tokens.ts'
import { SingleFlight } from '../../common/single-flight.ts'
import type { AccessFile } from '../access/access-file.ts'
import type { TokenUsage } from '../access/token-usage.ts'
import { type Admins, createAdminGuard } from './admin-guard.ts'

const MAX_TOKENS = 500

/** A viewer's token as the operator sees it: never the token, nor its hash. */
export interface TokenView {
  readonly name: string
  /** ISO 8601. */
  readonly added: string
  /** Films played now on this node, and how many may be. */
  readonly streams: { readonly now: number; readonly max: number }
  /** Bytes of films since midnight (UTC), on all nodes. */
  readonly dayBytes: number
  /** The same of the calendar month, and how many may be; null: as many as one likes. */
  readonly month: { readonly bytes: number; readonly max: number } | null
}

export interface TokensApiDeps {
  readonly admins: Pick<Admins, 'refusalOf'>
  /** Undefined: everybody is a viewer. */
  readonly access?: { readonly file: Pick<AccessFile, 'tokens'>; readonly usage: Uses } | undefined
}

type Uses = Pick<TokenUsage, 'usedBy'>

/**
 * For administrators: GET /api/tokens -> `{tokens: TokenView[] | null, moreTokens}`, those of ACCESS_TOKENS, in
 * its order, 500 at most; null without that.
 */
export function createTokensApi({ admins, access }: TokensApiDeps): Router {
  const router = express.Router({ strict: true, caseSensitive: true })
  // The index is asked for each token: once, for all who ask meanwhile.
  const views = new SingleFlight<readonly TokenView[]>({ whenAbandoned: 'finish' })
  router.get('/api/tokens', createAdminGuard(admins), async (_req, res) => {
    res.set('Cache-Control', 'no-store')
    if (!access) return void res.json({ tokens: null, moreTokens: 0 })
    const { file, usage } = access
    const tokens = await views.join('all', undefined, () =>
      Promise.all(file.tokens.slice(0, MAX_TOKENS).map((token) => viewOf(token, usage))),
    )
    res.json({ tokens, moreTokens: Math.max(0, file.tokens.length - MAX_TOKENS) })
  })
  return router
}

async function viewOf(token: AccessToken, usage: Uses): Promise<TokenView> {
  const { streams, dayBytes, monthBytes } = await usage.usedBy(token)
  const { name, added, streams: max, monthlyBytes } = token
  const month = monthlyBytes === undefined ? null : { bytes: monthBytes ?? 0, max: monthlyBytes }
  return { name, added, streams: { now: streams, max }, dayBytes, month }
}
