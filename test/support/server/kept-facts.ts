import type { KeptFacts } from '../../../server/pages/kept-section.ts'

/** What the install page tells where an operator set nothing. */
export const kept: KeptFacts = {
  operator: { name: undefined, contact: undefined, privacyUrl: undefined },
  logIp: 'short',
  direct: 'redirect',
  cache: { ttlSeconds: 3600, persistent: false },
}

/** Where no catalogue names any. */
export const posterTitles = (): [] => []
