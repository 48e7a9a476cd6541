import { expect } from '@jest/globals'
import { systemClock } from '../../common/clock.ts'
import { createLog } from '../../common/log.ts'
import { createAddressRules } from '../../common/network/address-rules.ts'
import { createOutbound } from '../../common/network/guarded-outbound.ts'
import { loadConfig } from '../../config/load-config.ts'
import type { Finding, Verdict } from '../../doctor/finding.ts'
import { runChecks } from '../../doctor/run-checks.ts'
import type { Setup } from '../../doctor/setup.ts'

/** The settings of these variables alone; loopback may be asked unless they say other. */
export function configOf(env: Readonly<Record<string, string>>): Setup['config'] {
  const quiet = {
    ARCHIVE_ORG: 'off',
    CINEMETA_URL: 'off',
    DHT: 'off',
    OUTBOUND_ALLOW: '127.0.0.0/8',
  }
  const loaded = loadConfig(
    { HOME: '/nonexistent', ...quiet, ...env },
    {
      cwd: '/nonexistent',
      readFile() {
        throw Object.assign(new Error('no such file'), { code: 'ENOENT' })
      },
    },
  )
  if ('faults' in loaded) throw new Error(loaded.faults.join('\n'))
  return loaded.config
}

export function setupOf(env: Readonly<Record<string, string>>, clock = systemClock): Setup {
  const config = configOf(env)
  const rules = createAddressRules(config.outboundAllow)
  const outbound = createOutbound({ rules, log: createLog('silent')('outbound') })
  return { config, rules, outbound, clock }
}

/** A hang is bounded by the test's own limit. */
export const runAll = (checks: Parameters<typeof runChecks>[0]): Promise<readonly Finding[]> =>
  runChecks(checks, 60_000)

/** For expectations: its state, and words of its text and of what is to be done. */
export const like = (state: Verdict['state'], text: string, todo?: string): unknown =>
  expect.objectContaining({
    state,
    text: expect.stringContaining(text),
    ...(todo !== undefined && { todo: expect.stringContaining(todo) }),
  })

export const never = new AbortController().signal
