import { readFileSync } from 'node:fs'
import { type LoadedConfig, loadConfig } from '../../config/load-config.ts'
import { BAD_SETTINGS, CommandError } from './command-error.ts'

/** A text to print instead of running a command. */
export interface Instead {
  readonly say: string
  readonly exitCode: number
}

/** Runs a command as its arguments say, or prints what they come to; the process ends with its exit code. */
export async function runCommand<Options extends object>(
  options: Options | Instead,
  run: (options: Options) => Promise<number>,
): Promise<void> {
  if ('say' in options) {
    ;(options.exitCode === 0 ? process.stdout : process.stderr).write(options.say)
    process.exitCode = options.exitCode
    return
  }
  try {
    process.exitCode = await run(options)
  } catch (error) {
    if (!(error instanceof CommandError)) throw error
    complain([error.message])
    process.exitCode = error.exitCode
  }
}

/** The server's own settings. @throws CommandError with a line for each fault */
export function loadSettings(): Extract<LoadedConfig, { config: unknown }> {
  const loaded = loadConfig(process.env, {
    cwd: process.cwd(),
    readFile: (path) => readFileSync(path, 'utf8'),
  })
  if ('faults' in loaded) throw new CommandError(BAD_SETTINGS, loaded.faults.join('\nplaylink: '))
  return loaded
}

export function complain(lines: readonly string[]): void {
  for (const line of lines) process.stderr.write(`playlink: ${line}\n`)
}
