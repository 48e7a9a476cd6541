import { readings } from '../common/secrets/credentials.ts'
import { formsOf } from '../common/secrets/secret-forms.ts'
import { COVERED, Secrets, type SecretTexts } from '../common/secrets/secrets.ts'
import { keysInAddress, pathPartsOf } from './address-secrets.ts'
import type { Values } from './variables.ts'

/**
 * Settings without anything that must be kept from viewers. A new setting stands here, or below with
 * what of it is secret: without either the type check fails.
 */
type Open =
  | 'PORT'
  | 'HOST'
  | 'PUBLIC_URL'
  | 'TRUST_PROXY'
  | 'CACHE_BACKEND'
  | 'NODE_URL'
  | 'BALANCER_URL'
  | 'CACHE_DIR'
  | 'SQLITE_PATH'
  | 'CACHE_TTL'
  | 'CACHE_MAX_SIZE'
  | 'CACHE_MAX_DISK_MB'
  | 'CACHE_META_MB'
  | 'CACHE_CLEANUP_INTERVAL'
  | 'CACHE_PERSISTENT'
  | 'CACHE_FILL'
  | 'PLAY_TIMEOUT'
  | 'SENDFILE'
  | 'BROWSER'
  | 'DIRECT'
  | 'ERROR_CLIP'
  | 'PREWARM'
  | 'LIBRARY'
  | 'ARCHIVE_ORG'
  | 'BLOCKLIST'
  | 'ANIME_IDS'
  | 'CATALOGS'
  | 'OUTBOUND_ALLOW'
  // The file holds hashes; its path is no key.
  | 'ACCESS_TOKENS'
  | 'RATE_LIMIT'
  | 'PROVIDER_REQUESTS'
  | 'LIMIT_LISTS'
  | 'LIMIT_SEARCHES'
  | 'LIMIT_STATES'
  | 'LIMIT_COLD_STARTS'
  | 'LIMIT_STREAMS'
  | 'LIMIT_LIVE'
  | 'LIMIT_CONNECTIONS'
  | 'MAX_DOWNLOADS'
  | 'MAX_RELAYS'
  | 'SPREAD_AFTER'
  | 'TORRENT_PORT'
  | 'TORRENT_BIND'
  | 'PORT_MAP'
  | 'DHT'
  | 'DHT_BOOTSTRAP'
  | 'PEX'
  | 'LSD'
  | 'UPLOAD_LIMIT_KB'
  | 'SEED_RATIO'
  | 'SEED_TIME'
  | 'SHUTDOWN_GRACE'
  | 'LOG_LEVEL'
  | 'LOG_FORMAT'
  | 'LOG_IP'
  // The install page shows them.
  | 'OPERATOR'
  | 'CONTACT'
  | 'PRIVACY_URL'
  // Both stand in the manifest.
  | 'STREMIO_ADDONS_ISSUER'
  | 'STREMIO_ADDONS_SIGNATURE'

type KeysIn = {
  readonly [Name in Exclude<keyof Values, Open>]: (value: NonNullable<Values[Name]>) => KeyTexts
}
type KeyTexts = readonly (string | undefined)[]

const ofAddresses = (addresses: readonly string[]): KeyTexts => addresses.flatMap(keysInAddress)

const keysIn: KeysIn = {
  ADMIN_TOKEN: (token) => [token],
  CLUSTER_SECRET: (text) => [text],
  TRACKERS: ({ trackers, lists }) => ofAddresses([...trackers, ...lists]),
  TORRENT_PROXY: ({ password }) => [password],
  REDIS_URL: ({ password, sentinelPassword }) => [password, sentinelPassword],
  CATALOGUE: ofAddresses,
  ARCHIVE_ORG_URL: keysInAddress,
  CINEMETA_URL: keysInAddress,
  UPSTREAM_ADDONS: ofAddresses,
  TORZNAB: ofAddresses,
  FEEDS: ofAddresses,
}

/** What of the settings nobody but the operator may read. */
export function secretsIn(values: Values): SecretTexts {
  const keys = Object.keys(keysIn).flatMap((name) => keysOf(name, values))
  return {
    keys: [...new Set(keys)],
    pathParts: (values.UPSTREAM_ADDONS ?? []).flatMap(pathPartsOf),
  }
}

const keysOf = (name: string, values: Values): readonly string[] => {
  const value = values[name as keyof Values]
  const find = (keysIn as Readonly<Record<string, (value: unknown) => KeyTexts>>)[name]
  return value === undefined || !find ? [] : find(value).filter((key) => key !== undefined)
}

/**
 * Gives the text of a setting as the operator's page may show it: without its own keys, however short they are,
 * without any of the others', and without what is named like a credential.
 */
export function settingCover(values: Values): (name: string, text: string) => string {
  const texts = secretsIn(values)
  const secrets = new Secrets(texts)
  return (name, text) => {
    const own = [...keysOf(name, values), ...(name === 'UPSTREAM_ADDONS' ? texts.pathParts : [])]
    const shown = withoutKeys(text, own)
    const isHidden = (key: string): boolean =>
      readings(shown).some((one) => one.toLowerCase().includes(key.toLowerCase()))
    return own.some(isHidden) ? COVERED : secrets.coveredLine(secrets.covered(shown))
  }
}

function withoutKeys(text: string, keys: readonly string[]): string {
  const forms = keys.flatMap(formsOf).sort((a, b) => b.length - a.length)
  return forms.reduce(
    (shown, form) => shown.replace(new RegExp(form.replace(/[^\w]/g, '\\$&'), 'gi'), COVERED),
    text,
  )
}
