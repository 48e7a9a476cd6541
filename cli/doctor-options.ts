import { parseArgs } from 'node:util'
import { type CommandNames, typed } from '../common/host/command-names.ts'
import { notACommand, whyNotParsed } from './shared/not-a-command.ts'
import type { Instead } from './shared/run-command.ts'
import { columns } from './shared/table.ts'

/** What `--help` prints. */
export const doctorHelp = (names: CommandNames = typed): string => `${columns(
  [
    [
      names.doctor.replace(/ --$/, ''),
      'looks at the setup: one line each, and what to do about it',
    ],
    [`${names.doctor} --json`, 'the same for programs'],
  ],
  0,
)}
The settings are the server's own: the environment and .env. It may be asked while the server runs and
before; it asks whoever the settings name, and changes nothing.

Exit codes: 0 no fault, 1 a fault, 64 not a command.
`

export interface DoctorOptions {
  readonly json: boolean
}

/** Reads the arguments. */
export function readDoctorOptions(args: readonly string[]): DoctorOptions | Instead {
  if (args.includes('--help') || args.includes('-h')) return { say: doctorHelp(), exitCode: 0 }
  try {
    const { values } = parseArgs({ args: [...args], options: { json: { type: 'boolean' } } })
    return { json: values.json ?? false }
  } catch (error) {
    return notACommand(whyNotParsed(error), doctorHelp())
  }
}
