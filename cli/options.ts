import { parseArgs } from 'node:util'
import { inClone, typed } from '../common/host/command-names.ts'
import { notACommand, whyNotParsed } from './shared/not-a-command.ts'
import type { Instead } from './shared/run-command.ts'
import { columns } from './shared/table.ts'

const { cache } = typed
const quietly = typed === inClone ? " (npm run -s leaves npm's own lines out)" : ''

export const HELP = `${columns(
  [
    [`${cache} ls`, 'what CACHE_DIR holds'],
    [`${cache} ls --json`, `the same for programs${quietly}`],
    [`${cache} verify`, 'hashes every file against its torrent; exit code 1 when one is bad'],
    [
      `${cache} verify --remove`,
      'and removes the bad ones, which are then fetched anew; 1 when one is left',
    ],
    [`${cache} clean`, 'removes every file that nobody uses'],
  ],
  0,
)}
The settings are the server's own: the environment and .env. All of it may be done while the server
runs, by the user that runs it: then the server itself removes, asked as its file in CACHE_DIR says.

Exit codes: 0 fine, 1 bad or not removed, 64 not a command, 75 the server cannot be asked,
78 the settings or the folder cannot be used.
`

export type Options =
  | { readonly command: 'ls'; readonly json: boolean }
  | { readonly command: 'verify'; readonly remove: boolean }
  | { readonly command: 'clean' }

/** Reads the arguments. A flag of another command is refused like an unknown one. */
export function readOptions(args: readonly string[]): Options | Instead {
  if (args.includes('--help') || args.includes('-h')) return { say: HELP, exitCode: 0 }
  const [command, ...rest] = args
  const flag = { ls: 'json', verify: 'remove', clean: undefined }
  if (command === undefined || !Object.hasOwn(flag, command)) {
    const what =
      command === undefined ? 'Name a command.' : `${JSON.stringify(command)} is unknown.`
    return notACommand(`${what} This is:`, HELP)
  }
  const known = command as keyof typeof flag
  const name = flag[known]
  try {
    const options = name === undefined ? {} : { [name]: { type: 'boolean' as const } }
    const given = parseArgs({ args: rest, options }).values as Record<string, boolean | undefined>
    if (known === 'ls') return { command: known, json: given.json ?? false }
    if (known === 'verify') return { command: known, remove: given.remove ?? false }
    return { command: known }
  } catch (error) {
    return notACommand(whyNotParsed(error), HELP)
  }
}
