import path from 'node:path'
import { parseEnv } from 'node:util'
import { BadValue } from './bad-value.ts'
import type { Environment } from './default-places.ts'

export interface EnvironmentFiles {
  /** Absolute folder that holds `.env` and that relative paths start at. */
  readonly cwd: string
  /** The text of a file (UTF-8); throws as node:fs does. */
  readFile(path: string): string
}

/**
 * The value of a variable, wherever it was given; undefined when it is not set (empty counts as not set).
 * @throws BadValue when it is given twice or its file cannot be read
 */
export type Lookup = (name: string) => string | undefined

/**
 * Real environment over `.env`; every variable also as `NAME_FILE`, a file that holds the value
 * (container secrets).
 */
export function createLookup(
  env: Environment,
  dotEnv: Environment,
  files: EnvironmentFiles,
): Lookup {
  return (name) => {
    const file = `${name}_FILE`
    const from = saysIt(env, name) ? env : dotEnv
    if (from[name] && from[file]) {
      throw new BadValue(`and ${file} are both set; keep one of them.`)
    }
    return from[file] ? readValue(file, from[file], files) : from[name] || undefined
  }
}

/** Whatever the real environment says of a variable, in either form, hides all `.env` says of it. */
const saysIt = (env: Environment, name: string): boolean =>
  env[name] !== undefined || env[`${name}_FILE`] !== undefined

export type Origin = 'environment' | '.env'

/** Where the lookup of the same two finds a variable; undefined when it is not set. */
export const createOriginOf =
  (env: Environment, dotEnv: Environment) =>
  (name: string): { readonly from: Origin; readonly isFile: boolean } | undefined => {
    const from = saysIt(env, name) ? 'environment' : '.env'
    const { [name]: value, [`${name}_FILE`]: file } = from === '.env' ? dotEnv : env
    return value || file ? { from, isFile: !value } : undefined
  }

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error ? String(error.code) : 'unknown error'

/**
 * The `.env` file of the working folder, where there is one.
 * @throws BadValue when it is there and cannot be read
 */
export function readDotEnv({ cwd, readFile }: EnvironmentFiles): Environment {
  try {
    return parseEnv(readFile(path.join(cwd, '.env')).replace(/^\ufeff/, ''))
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return {}
    throw new BadValue(`in the working folder cannot be read (${codeOf(error)}).`)
  }
}

function readValue(file: string, where: string, { cwd, readFile }: EnvironmentFiles): string {
  let text: string
  try {
    text = readFile(path.resolve(cwd, where))
  } catch (error) {
    throw new BadValue(`is to come from ${file}, which cannot be read (${codeOf(error)}).`)
  }
  // Editors and `echo` end a file with a newline that is no part of the value.
  const value = text.replace(/\r?\n$/, '')
  // Never "not set": an empty secret file must not quietly open or close anything.
  if (value === '') throw new BadValue(`is to come from ${file}, which is empty.`)
  return value
}
