import { onOff, wholeNumber } from './plain-values.ts'
import { withDefault } from './variable.ts'

const most = (usual: string, unit: string, meaning: string) =>
  withDefault(usual, wholeNumber(1, 1_000_000, unit), meaning)

/** What one address, or one token, may have. */
export const limitVariables = {
  RATE_LIMIT: withDefault(
    'on',
    onOff,
    'limits for each address (IPv4, or /64 of IPv6; with `ACCESS_TOKENS` each token), as the `LIMIT_` variables say; `off` counts nothing: for trusted networks and tests',
  ),
  LIMIT_LISTS: most('120', 'lists', 'lists of sources that one address may ask for in a minute'),
  LIMIT_SEARCHES: most(
    '120',
    'searches',
    'pages of catalogs, searches in them, titles and lists of subtitles that one address may ask for in a minute',
  ),
  LIMIT_STATES: most(
    '600',
    'questions',
    'times a minute that one address may ask how far a play is (`/api/play-state`)',
  ),
  LIMIT_COLD_STARTS: most(
    '60',
    'starts',
    'plays that one address may begin in ten minutes of what is not here yet',
  ),
  LIMIT_STREAMS: most('32', 'streams', 'plays that one address may have open at once'),
  LIMIT_LIVE: most(
    '8',
    'pages',
    'status pages that one address may have open at once; administrators any number',
  ),
  LIMIT_CONNECTIONS: most(
    '128',
    'connections',
    'connections that one address may have open at once; those of a proxy that `TRUST_PROXY` names are not counted',
  ),
} as const
