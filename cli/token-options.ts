import { parseArgs } from 'node:util'
import { typed } from '../common/host/command-names.ts'
import { notACommand, whyNotParsed } from './shared/not-a-command.ts'
import type { Instead } from './shared/run-command.ts'
import { columns } from './shared/table.ts'

const { token } = typed

export const TOKEN_HELP = `${columns(
  [
    [`${token} add NAME`, "makes a viewer's token and prints its address, once"],
    ['    --streams 3', 'different films it may play at once'],
    [
      '    --month-gb 500',
      'GB (10^9 bytes) of films a month, UTC; without it as many as one likes',
    ],
    [`${token} list`, 'names, limits, and when each was added'],
    [`${token} revoke NAME`, 'ends it; a running server knows within seconds'],
  ],
  0,
)}
ACCESS_TOKENS names the file, in the environment or in .env. Run it as the server's own user.

Exit codes: 0 fine, 1 no such token or there is one already, 64 not a command, 78 the settings or the
file cannot be used.
`

const NAME = /^[\w.@-]{1,64}$/

export type TokenOptions =
  | { readonly command: 'list' }
  | { readonly command: 'revoke'; readonly name: string }
  | {
      readonly command: 'add'
      readonly name: string
      readonly streams: number
      readonly monthlyBytes: number | undefined
    }

const wrong = (why: string): Instead => notACommand(why, TOKEN_HELP)

/** A whole number from 1 on; NaN for anything else. */
const count = (text: string): number => (/^[1-9]\d{0,8}$/.test(text) ? Number(text) : Number.NaN)

/** Reads the arguments. */
export function readTokenOptions(args: readonly string[]): TokenOptions | Instead {
  if (args.includes('--help') || args.includes('-h')) return { say: TOKEN_HELP, exitCode: 0 }
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { streams: { type: 'string' }, 'month-gb': { type: 'string' } },
    })
    const [command = '', name, ...more] = positionals
    const limits = Object.keys(values).length > 0
    if (command === 'list' && name === undefined && !limits) return { command }
    if (command !== 'add' && command !== 'revoke')
      return wrong('Say add NAME, list, or revoke NAME.')
    if (name === undefined || !NAME.test(name) || more.length > 0) {
      return wrong('NAME is one word of letters, digits and . _ @ -, 64 characters at most.')
    }
    if (command === 'revoke') return limits ? wrong('revoke has no options.') : { command, name }
    const streams = count(values.streams ?? '3')
    const gigabytes = values['month-gb'] === undefined ? undefined : count(values['month-gb'])
    if (!(streams <= 1000)) return wrong('--streams is a whole number from 1 to 1000.')
    if (gigabytes !== undefined && !(gigabytes <= 1_000_000)) {
      return wrong('--month-gb is a whole number from 1 to 1000000.')
    }
    return { command, name, streams, monthlyBytes: gigabytes && gigabytes * 1e9 }
  } catch (error) {
    return wrong(whyNotParsed(error))
  }
}
