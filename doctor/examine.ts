import { cleanText } from '../common/clean-text.ts'
import type { Secrets } from '../common/secrets/secrets.ts'
import type { LoadedConfig } from '../config/load-config.ts'
import { nodeCheck, settingsCheck, setupChecks } from './all-checks.ts'
import type { Finding } from './finding.ts'
import { type Pace, runChecks } from './run-checks.ts'
import type { Setup } from './setup.ts'

/** Longer than any question of a provider waits (7 s). */
const MOST_MS = 10_000
const MOST_TEXT = 1000

/** How one look goes. */
export interface Look extends Pace {
  /** The port of the server that looks at itself; undefined: it is a command. */
  readonly ownPort?: number | undefined
}

export interface Examination extends Look {
  readonly loaded: LoadedConfig
  /** Undefined: the settings cannot be used. */
  readonly setup: Setup | undefined
  /** Of the settings: what other servers said may hold them, and no finding does. */
  readonly secrets: Pick<Secrets, 'coveredLine'>
}

/**
 * Looks at everything, side by side, each part for 10 seconds at most, and changes nothing. Never rejects.
 * @returns all findings in the order of the checks, on one line each and without keys
 */
export async function examine(examination: Examination): Promise<readonly Finding[]> {
  const { loaded, setup, secrets, ownPort, tell = () => undefined, ...pace } = examination
  const checks = [nodeCheck, settingsCheck(loaded), ...(setup ? setupChecks(setup, ownPort) : [])]
  const safe = (text: string): string => secrets.coveredLine(cleanText(text, MOST_TEXT))
  const covered = (findings: readonly Finding[]): readonly Finding[] =>
    findings.map(({ name, state, text, todo }) => ({
      ...{ name: safe(name), state, text: safe(text) },
      ...(todo !== undefined && { todo: safe(todo) }),
    }))
  const found = await runChecks(checks, MOST_MS, { ...pace, tell: (some) => tell(covered(some)) })
  return covered(found)
}

/** No fault among them. */
export const isWell = (findings: readonly Finding[]): boolean =>
  findings.every(({ state }) => state !== 'fault')
