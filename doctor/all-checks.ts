import { ownBase } from '../common/host/own-base.ts'
import type { LoadedConfig } from '../config/load-config.ts'
import { fileChecks } from './file-checks.ts'
import { type Check, type Finding, fault, ok, warning } from './finding.ts'
import { checkFolder, checkRoom } from './folder-checks.ts'
import { checkFfmpeg, checkNode } from './host-checks.ts'
import { checkTorrentPort, lookAtOwnPort, lookAtPort } from './port-checks.ts'
import { providerChecks } from './provider-checks.ts'
import { checkPublicUrl } from './public-url-check.ts'
import { checkRanges } from './range-check.ts'
import { checkNodes, checkRedis } from './redis-checks.ts'
import type { Setup } from './setup.ts'
import { torrentChecks } from './torrent-checks.ts'

const WHERE = 'Mend it in the environment or in .env: README.md has the table, under "Settings".'

export const settingsCheck = (loaded: LoadedConfig): Check => ({
  name: 'settings',
  run: async () => settingsFindings(loaded),
})

/** A line for each thing that is wrong with the settings, or one. */
export function settingsFindings(loaded: LoadedConfig): readonly Finding[] {
  const warnings = loaded.warnings.map((text) => warning(text, WHERE))
  const wrong =
    'faults' in loaded ? loaded.faults.filter((one) => !loaded.warnings.includes(one)) : []
  const found = [...wrong.map((text) => fault(text, WHERE)), ...warnings]
  return (found.length > 0 ? found : [ok('can be used')]).map((one) => ({
    name: 'settings',
    ...one,
  }))
}

export const nodeCheck: Check = { name: 'node', run: () => checkNode() }

/**
 * Everything that needs settings that can be used, in the order of its lines.
 * @param ownPort of the server that looks at itself; undefined: it is a command
 */
export function setupChecks(setup: Setup, ownPort: number | undefined): readonly Check[] {
  const { config, clock } = setup
  // Whether a server runs decides what others may expect of it.
  let looking: ReturnType<typeof lookAtPort> | undefined
  const port = (signal: AbortSignal) => {
    looking ??=
      ownPort === undefined
        ? lookAtPort(config, signal)
        : lookAtOwnPort({ host: config.host, port: ownPort }, signal)
    return looking
  }
  const redis: Check[] = [
    { name: 'redis', run: (signal) => checkRedis(config, signal) },
    ...(config.cluster
      ? [{ name: 'nodes', run: (signal: AbortSignal) => checkNodes(config, clock, signal) }]
      : []),
  ]
  return [
    { name: 'CACHE_DIR', run: () => checkFolder(config) },
    { name: 'room', run: () => checkRoom(config) },
    ...(config.cache.backend === 'redis' ? redis : []),
    { name: 'PORT', run: async (signal) => (await port(signal)).verdict },
    {
      name: 'TORRENT_PORT',
      run: async (signal) => checkTorrentPort(config, (await port(signal)).serves),
    },
    {
      name: 'PUBLIC_URL',
      run: async (signal) => checkPublicUrl(config, (await port(signal)).serves, signal),
    },
    {
      name: 'HEAD, Range',
      async run(signal) {
        const { serves } = await port(signal)
        const own = serves ? ownBase({ ...config, port: ownPort ?? config.port }) : undefined
        return checkRanges(config, own, signal)
      },
    },
    { name: 'ffmpeg', run: (signal) => checkFfmpeg(config, signal) },
    ...fileChecks(setup),
    ...providerChecks(setup),
    ...torrentChecks(setup),
  ]
}
