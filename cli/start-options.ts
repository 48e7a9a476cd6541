import { parseArgs } from 'node:util'
import { asPackage, type CommandNames, typed } from '../common/host/command-names.ts'
import type { Environment } from '../config/default-places.ts'
import type { Instead } from './shared/run-command.ts'
import { columns } from './shared/table.ts'

/** What `--help` prints. */
export const startHelp = (names: CommandNames = typed): string => `${columns(
  [
    [names.start.replace(/ --$/, ''), 'serves until Ctrl-C'],
    [`${names.start} --port 8000`, 'the same, on this port, whatever PORT says'],
    [`${names.start} --version`, 'prints the version'],
    [`${names.start} --help`, 'prints this'],
    // Where npm is not what starts them, nothing else tells of these.
    ...(names === asPackage
      ? [
          [`${names.cache} --help`, 'looks at the cache, and empties it'],
          [`${names.token} --help`, "gives and takes viewers' tokens"],
          [`${names.explain} --help`, 'tells how the name of a release is read'],
          [`${names.animeIds} --help`, 'brings the table of anime ids'],
          [names.doctor, 'looks at the setup, and says what to do about it'],
        ]
      : []),
  ],
  0,
)}
Everything else is set by environment variables, or by lines NAME=value in a file .env:
docs/settings.md has the table.

Exit codes: 0 stopped, 1 stopped at once because it was told twice, 64 an option is wrong,
78 the settings, or the folder or the port they name, cannot be used.
`

/** sysexits.h: EX_USAGE. */
const WRONG_OPTION = 64

export interface StartOptions {
  /** As it was written: whoever reads PORT judges it. */
  readonly port: string | undefined
}

const wrong = (why: string): Instead => ({
  say: `playlink: ${why} "${typed.start} --help" tells what there is.\n`,
  exitCode: WRONG_OPTION,
})

/** node:util puts advice for programmers behind its first sentence. */
const firstSentence = (error: unknown): string =>
  `${String((error as Error).message).split(/\.\s|\n/)[0]}.`

/**
 * What follows `npm start --`. Without the two dashes npm takes `--port=8000` for a setting of its own
 * and hands it on as a variable, and of `--port 8000` only the number comes through.
 */
export function readStartOptions(
  args: readonly string[],
  env: Environment,
  version: string,
): StartOptions | Instead {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        port: { type: 'string' },
        version: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    })
    if (values.help) return { say: startHelp(), exitCode: 0 }
    if (values.version) return { say: `${version}\n`, exitCode: 0 }
    if (values.port === '') return wrong('--port names no port.')
    const [stray] = positionals
    if (env.npm_config_port !== undefined || stray !== undefined) {
      const what = stray === undefined ? '--port came' : `${JSON.stringify(stray)} came`
      return wrong(`${what} without its two dashes: ${typed.start} --port 8000.`)
    }
    return { port: values.port }
  } catch (error) {
    return wrong(firstSentence(error))
  }
}

/** The environment as if PORT were set to what the option says. */
export function withPort(env: Environment, port: string | undefined): Environment {
  return port === undefined ? env : { ...env, PORT: port, PORT_FILE: undefined }
}
