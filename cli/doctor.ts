import { readFileSync } from 'node:fs'
import { systemClock } from '../common/clock.ts'
import { createLog } from '../common/log.ts'
import { createAddressRules } from '../common/network/address-rules.ts'
import { createOutbound } from '../common/network/guarded-outbound.ts'
import { Secrets } from '../common/secrets/secrets.ts'
import { type LoadedConfig, loadConfig } from '../config/load-config.ts'
import { examine, isWell } from '../doctor/examine.ts'
import type { Finding } from '../doctor/finding.ts'
import { type DoctorOptions, readDoctorOptions } from './doctor-options.ts'
import { runCommand } from './shared/run-command.ts'
import { columns } from './shared/table.ts'

const FAULTY = 1

async function look(loaded: LoadedConfig): Promise<readonly Finding[]> {
  if ('faults' in loaded) {
    return examine({ loaded, setup: undefined, secrets: new Secrets({ keys: [], pathParts: [] }) })
  }
  const { config } = loaded
  const rules = createAddressRules(config.outboundAllow)
  const outbound = createOutbound({ rules, log: createLog('silent')('outbound') })
  try {
    const setup = { config, rules, outbound, clock: systemClock }
    return await examine({ loaded, setup, secrets: new Secrets(loaded.secrets) })
  } finally {
    outbound.close()
  }
}

const lineOf = ({ name, state, text, todo }: Finding): readonly string[] => [
  state,
  name,
  todo === undefined ? text : `${text}${/[.!?]$/.test(text) ? '' : '.'} ${todo}`,
]

async function doctor({ json }: DoctorOptions): Promise<number> {
  const loaded = loadConfig(process.env, {
    cwd: process.cwd(),
    readFile: (path) => readFileSync(path, 'utf8'),
  })
  const findings = await look(loaded)
  const well = isWell(findings)
  process.stdout.write(
    json
      ? `${JSON.stringify({ ok: well, checks: findings }, null, 2)}\n`
      : columns(findings.map(lineOf), 0),
  )
  return well ? 0 : FAULTY
}

await runCommand(readDoctorOptions(process.argv.slice(2)), doctor)
