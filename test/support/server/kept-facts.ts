import type { KeptFacts } from '../../../server/pages/kept-section.ts'
import type { PageParts } from '../../../server/pages/pages.ts'

/** What the install page tells where an operator set nothing. */
export const kept: KeptFacts = {
  operator: { name: undefined, contact: undefined, privacyUrl: undefined },
  logIp: 'short',
  direct: 'redirect',
  cache: { ttlSeconds: 3600, persistent: false },
}

/** Where no catalogue names any. */
export const posterTitles = (): [] => []

/** Where nobody asks for any. */
export const noExamples: Pick<PageParts, 'examples' | 'admins' | 'player' | 'tried'> = {
  examples: { offered: async () => [], search: async () => [], of: async () => [] },
  admins: { refusalOf: () => 'UNAUTHORIZED' },
  player: { lookInto: async () => ({ name: '', videos: [] }) },
  tried: { add: () => ({ type: 'movie', imdbId: 'tt9700000001' }) },
}
