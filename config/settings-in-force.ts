import type { Origin } from './environment.ts'
import { settingCover } from './secrets.ts'
import { renamed, type Values, variables } from './variables.ts'

/** A setting as it counts now, for the operator. */
export interface SettingInForce {
  readonly name: string
  /** As it was written, with its secrets covered; null: not set, and without a default text. */
  readonly value: string | null
  readonly source: Origin | 'command line' | 'default'
  /** It was read from a file that NAME_FILE names. */
  readonly fromFile: boolean
}

/** What is needed to say where a setting came from. */
export interface Origins {
  readonly lookup: (name: string) => string | undefined
  readonly originOf: (name: string) => { from: Origin; isFile: boolean } | undefined
  /** Names that an option of the command gave. */
  readonly commandLine: readonly string[]
}

/** In the order of the table. @throws BadValue as the lookup does */
export const settingsInForce = (origins: Origins, values: Values): readonly SettingInForce[] => {
  const covered = settingCover(values)
  return Object.entries(variables).map(([name, { defaultText }]) => {
    const former = renamed[name]
    const given = [name, ...(former ? [former] : [])].find((one) => origins.originOf(one))
    if (given === undefined) {
      return { name, value: defaultText ?? null, source: 'default', fromFile: false }
    }
    const { from = 'environment', isFile = false } = origins.originOf(given) ?? {}
    const source = origins.commandLine.includes(name) ? 'command line' : from
    const value = covered(name, origins.lookup(given) ?? '')
    return { name, value, source, fromFile: isFile }
  })
}
