import { readFileSync } from 'node:fs'
import { cleanText } from '../common/clean-text.ts'
import { systemClock } from '../common/clock.ts'
import { createLog } from '../common/log.ts'
import { createAddressRules } from '../common/network/address-rules.ts'
import { createOutbound } from '../common/network/guarded-outbound.ts'
import { Secrets } from '../common/secrets/secrets.ts'
import { type LoadedConfig, loadConfig } from '../config/load-config.ts'
import { nodeCheck, settingsFindings, setupChecks } from '../doctor/all-checks.ts'
import type { Finding } from '../doctor/finding.ts'
import { runChecks } from '../doctor/run-checks.ts'
import { type DoctorOptions, readDoctorOptions } from './doctor-options.ts'
import { runCommand } from './shared/run-command.ts'
import { columns } from './shared/table.ts'

/** Longer than any question of a provider waits (7 s). */
const MOST_MS = 10_000
const MOST_TEXT = 1000
const FAULTY = 1

async function look(loaded: LoadedConfig): Promise<readonly Finding[]> {
  const settings = settingsFindings(loaded)
  if ('faults' in loaded) return [...(await runChecks([nodeCheck], MOST_MS)), ...settings]
  const { config } = loaded
  const rules = createAddressRules(config.outboundAllow)
  const outbound = createOutbound({ rules, log: createLog('silent')('outbound') })
  try {
    const checks = setupChecks({ config, rules, outbound, clock: systemClock })
    const [node, others] = await Promise.all([
      runChecks([nodeCheck], MOST_MS),
      runChecks(checks, MOST_MS),
    ])
    return [...node, ...settings, ...others]
  } finally {
    outbound.close()
  }
}

/** What other servers said stands in it too: on one line, and without keys. */
function covered(findings: readonly Finding[], loaded: LoadedConfig): readonly Finding[] {
  const secrets = new Secrets('secrets' in loaded ? loaded.secrets : { keys: [], pathParts: [] })
  const safe = (text: string): string => secrets.coveredLine(cleanText(text, MOST_TEXT))
  return findings.map(({ name, state, text, todo }) => ({
    ...{ name: safe(name), state, text: safe(text) },
    ...(todo !== undefined && { todo: safe(todo) }),
  }))
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
  const findings = covered(await look(loaded), loaded)
  const isWell = findings.every(({ state }) => state !== 'fault')
  process.stdout.write(
    json
      ? `${JSON.stringify({ ok: isWell, checks: findings }, null, 2)}\n`
      : columns(findings.map(lineOf), 0),
  )
  return isWell ? 0 : FAULTY
}

await runCommand(readDoctorOptions(process.argv.slice(2)), doctor)
