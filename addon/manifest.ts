import { readFileSync } from 'node:fs'
import { z } from 'zod'
import type { Config } from '../config/config.ts'
import type { AnimeSite } from '../sources/anime/anime-row.ts'
import type { Preferences } from './preferences.ts'

/** What our manifest.json may say; a subset of the SDK's docs/api/responses/manifest.md. */
const manifestShape = z.strictObject({
  id: z.string(),
  version: z.string(),
  name: z.string(),
  description: z.string(),
  /** Path below the base URL; made absolute for every answer. */
  logo: z.string().startsWith('/'),
  types: z.array(z.enum(['movie', 'series'])),
  idPrefixes: z.array(z.string()),
  resources: z.array(
    z.strictObject({
      name: z.enum(['stream', 'subtitles', 'meta']),
      types: z.array(z.enum(['movie', 'series'])),
      idPrefixes: z.array(z.string()),
    }),
  ),
  catalogs: z.array(
    z.strictObject({
      type: z.enum(['movie', 'series']),
      id: z.string(),
      name: z.string(),
      extra: z.array(z.strictObject({ name: z.enum(['skip', 'search']) })),
    }),
  ),
  behaviorHints: z.strictObject({
    adult: z.boolean(),
    p2p: z.boolean(),
    configurable: z.boolean(),
    configurationRequired: z.boolean(),
  }),
})

export type Manifest = z.infer<typeof manifestShape> & {
  readonly stremioAddonsConfig?: { readonly issuer: string; readonly signature: string }
}

/** The settings that it depends on. */
export interface ManifestConfig extends Pick<Config, 'stremioAddonsConfig'> {
  readonly catalogs?: Config['catalogs']
  readonly providers?: Pick<Config['providers'], 'library'>
}

/** The project's manifest.json, with what the operator's settings add or leave out. */
export function readManifest(config: ManifestConfig): Manifest {
  const text = readFileSync(new URL('../manifest.json', import.meta.url), 'utf8')
  const whole = manifestShape.parse(JSON.parse(text))
  const { stremioAddonsConfig, catalogs = 'off', providers } = config
  const named = catalogs === 'all' && (providers?.library.length ?? 0) > 0
  const of = named ? whole : withoutLibrary(whole)
  const manifest = catalogs === 'off' ? withoutCatalogs(of) : of
  return stremioAddonsConfig ? { ...manifest, stremioAddonsConfig } : manifest
}

/** What is in the library is named to everybody with `CATALOGS=all` only. */
const withoutLibrary = <T extends Pick<Manifest, 'catalogs' | 'resources'>>(manifest: T): T => ({
  ...manifest,
  catalogs: manifest.catalogs.filter(({ id }) => id !== 'playlink-library'),
  resources: manifest.resources.map((one) => ({
    ...one,
    idPrefixes: one.idPrefixes.filter((prefix) => prefix !== 'tt98'),
  })),
})

/** Drops the catalogs and `meta`; `stream` and `subtitles` stay. */
const withoutCatalogs = <T extends Pick<Manifest, 'catalogs' | 'resources'>>(manifest: T): T => ({
  ...manifest,
  catalogs: [],
  resources: manifest.resources.filter(({ name }) => name !== 'meta'),
})

/** Names the ids of sites about anime: of streams and subtitles, as long as a table knows some. */
export function withAnime(manifest: Manifest, sites: readonly AnimeSite[]): Manifest {
  if (sites.length === 0) return manifest
  const more = (prefixes: readonly string[]) => [...prefixes, ...sites.map((site) => `${site}:`)]
  return {
    ...manifest,
    idPrefixes: more(manifest.idPrefixes),
    resources: manifest.resources.map((one) =>
      one.name === 'meta' ? one : { ...one, idPrefixes: more(one.idPrefixes) },
    ),
  }
}

/**
 * What the manifest's address says: a viewer's preferences, or `broken` when this version cannot
 * read them.
 */
export type ManifestPreferences = Preferences | 'broken'

/** The manifest as it is sent: clients do not resolve a relative logo. */
export function manifestAt(
  manifest: Manifest,
  baseUrl: string,
  preferences?: ManifestPreferences,
): Manifest {
  const here = { ...manifest, logo: `${baseUrl}${manifest.logo}` }
  if (preferences === undefined) return here
  if (preferences !== 'broken')
    return preferences.hide.includes('catalogs') ? withoutCatalogs(here) : here
  return {
    ...withoutCatalogs(here),
    name: `${manifest.name} (reconfigure)`,
    description: `This address is not understood by the server's version and lists nothing. Choose anew at ${baseUrl}/configure, install that and remove this one.`,
  }
}
