import { readFileSync } from 'node:fs'
import { z } from 'zod'
import type { Config } from '../config/config.ts'
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

/** The manifest.json of the project's root, with what the operator adds to it or leaves out. */
export function readManifest(
  config: Pick<Config, 'stremioAddonsConfig'> & Partial<Pick<Config, 'catalogs'>>,
): Manifest {
  const text = readFileSync(new URL('../manifest.json', import.meta.url), 'utf8')
  const whole = manifestShape.parse(JSON.parse(text))
  const { stremioAddonsConfig, catalogs = 'off' } = config
  const manifest = catalogs === 'off' ? withoutCatalogs(whole) : whole
  return stremioAddonsConfig ? { ...manifest, stremioAddonsConfig } : manifest
}

/** What tells of titles by itself goes; what answers for a title that somebody names stays. */
const withoutCatalogs = <T extends Pick<Manifest, 'catalogs' | 'resources'>>(manifest: T): T => ({
  ...manifest,
  catalogs: [],
  resources: manifest.resources.filter(({ name }) => name !== 'meta'),
})

/** Of the address a manifest is asked for at: a viewer's preferences, or what is none any more. */
export type ManifestPreferences = Preferences | 'broken'

/** As one client reads it: clients resolve no relative logo. */
export function manifestAt(
  manifest: Manifest,
  baseUrl: string,
  wishes?: ManifestPreferences,
): Manifest {
  const here = { ...manifest, logo: `${baseUrl}${manifest.logo}` }
  if (wishes === undefined) return here
  if (wishes !== 'broken') return wishes.hide.includes('catalogs') ? withoutCatalogs(here) : here
  return {
    ...withoutCatalogs(here),
    name: `${manifest.name} (reconfigure)`,
    description: `This address is not understood by the server's version and lists nothing. Choose anew at ${baseUrl}/configure, install that and remove this one.`,
  }
}
