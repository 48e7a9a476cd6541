/** How our commands are typed; arguments follow. */
export interface CommandNames {
  readonly start: string
  readonly cache: string
  readonly token: string
  readonly explain: string
  readonly doctor: string
  readonly animeIds: string
}

export const inClone: CommandNames = {
  start: 'npm start --',
  cache: 'npm run cache --',
  token: 'npm run token --',
  explain: 'npm run explain --',
  doctor: 'npm run doctor --',
  animeIds: 'npm run anime-ids --',
}

/** As bin/playlink.mjs reads them. */
export const asPackage: CommandNames = {
  start: 'playlink',
  cache: 'playlink cache',
  token: 'playlink token',
  explain: 'playlink explain',
  doctor: 'playlink doctor',
  animeIds: 'playlink anime-ids',
}

/** Node strips no types in a package, so what runs there has been emitted. */
export const typed: CommandNames = import.meta.url.endsWith('.js') ? asPackage : inClone
