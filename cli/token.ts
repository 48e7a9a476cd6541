import { readFile } from 'node:fs/promises'
import { isMissing, replaceFile } from '../cache/disk/replace-file.ts'
import {
  type AccessToken,
  formatAccessTokens,
  hashOfToken,
  newAccessToken,
  parseAccessTokens,
} from '../common/access-tokens.ts'
import { errorCode } from '../common/errors.ts'
import type { Config } from '../config/config.ts'
import { BAD_SETTINGS, CommandError } from './shared/command-error.ts'
import { loadSettings, runCommand } from './shared/run-command.ts'
import { columns } from './shared/table.ts'
import { readTokenOptions, type TokenOptions } from './token-options.ts'

const NO_SUCH = 1

async function readTokens(path: string): Promise<readonly AccessToken[]> {
  try {
    return parseAccessTokens(await readFile(path, 'utf8'))
  } catch (error) {
    if (isMissing(error)) return []
    const why = errorCode(error) ?? 'it is no file of access tokens'
    throw new CommandError(BAD_SETTINGS, `ACCESS_TOKENS ${path} cannot be read (${why}).`)
  }
}

/** Replaced as a whole, readable by this user only; a running server sees it. */
async function writeTokens(path: string, tokens: readonly AccessToken[]): Promise<void> {
  await replaceFile(path, formatAccessTokens(tokens)).catch((error: unknown) => {
    const why = errorCode(error) ?? String(error)
    throw new CommandError(BAD_SETTINGS, `ACCESS_TOKENS ${path} cannot be written (${why}).`)
  })
}

const limitsOf = ({ streams, monthlyBytes }: AccessToken): [string, string] => [
  `${streams} at once`,
  monthlyBytes === undefined ? 'any number of bytes' : `${monthlyBytes / 1e9} GB a month`,
]

function list(tokens: readonly AccessToken[]): string {
  if (tokens.length === 0) return 'There are no tokens: nobody can use the addon.\n'
  const rows = tokens.map((token) => [token.name, ...limitsOf(token), token.added.slice(0, 10)])
  return columns(rows, 0)
}

/** @returns what to print */
async function run(options: TokenOptions, path: string, config: Config): Promise<string> {
  const tokens = await readTokens(path)
  if (options.command === 'list') return list(tokens)
  const { name } = options
  const others = tokens.filter((token) => token.name !== name)
  if (options.command === 'revoke') {
    if (others.length === tokens.length)
      throw new CommandError(NO_SUCH, `No token is called ${name}.`)
    await writeTokens(path, others)
    return `revoked ${name}\n`
  }
  if (others.length < tokens.length) {
    throw new CommandError(NO_SUCH, `There is a token called ${name} already: revoke it first.`)
  }
  const { streams, monthlyBytes } = options
  const text = newAccessToken()
  const limits = { streams, ...(monthlyBytes === undefined ? {} : { monthlyBytes }) }
  const added = new Date().toISOString()
  const token: AccessToken = { name, sha256: hashOfToken(text), ...limits, added }
  await writeTokens(path, [...others, token])
  const base = config.publicUrl ?? `http://127.0.0.1:${config.port}`
  return `${name}, ${limitsOf(token).join(', ')}. To install, and not shown again:\n${base}/t/${text}/manifest.json\n`
}

await runCommand(readTokenOptions(process.argv.slice(2)), async (options) => {
  const { config } = loadSettings()
  if (config.accessTokens === undefined) {
    throw new CommandError(BAD_SETTINGS, 'Set ACCESS_TOKENS to the path of a file first.')
  }
  process.stdout.write(await run(options, config.accessTokens, config))
  return 0
})
