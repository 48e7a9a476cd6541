import { onOff, wholeNumber } from './plain-values.ts'
import { withDefault } from './variable.ts'

/** What one address, or one token, may have. */
export const limitVariables = {
  RATE_LIMIT: withDefault(
    'on',
    onOff,
    'limits for each address (IPv4, or /64 of IPv6; with `ACCESS_TOKENS` each token), as the `LIMIT_` variables say; `off` counts nothing: for trusted networks and tests',
  ),
  LIMIT_LISTS: withDefault(
    '120',
    wholeNumber(1, 1_000_000, 'lists'),
    'lists of sources that one address may ask for in a minute',
  ),
  LIMIT_SEARCHES: withDefault(
    '120',
    wholeNumber(1, 1_000_000, 'searches'),
    'pages of catalogs, searches in them and titles that one address may ask for in a minute',
  ),
  LIMIT_COLD_STARTS: withDefault(
    '60',
    wholeNumber(1, 1_000_000, 'starts'),
    'plays that one address may begin in ten minutes of what is not here yet',
  ),
  LIMIT_STREAMS: withDefault(
    '32',
    wholeNumber(1, 1_000_000, 'streams'),
    'plays that one address may have open at once',
  ),
  LIMIT_LIVE: withDefault(
    '8',
    wholeNumber(1, 1_000_000, 'pages'),
    'status pages that one address may have open at once; administrators any number',
  ),
  LIMIT_CONNECTIONS: withDefault(
    '128',
    wholeNumber(1, 1_000_000, 'connections'),
    'connections that one address may have open at once; those of a proxy that `TRUST_PROXY` names are not counted',
  ),
} as const
