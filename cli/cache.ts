import { readFileSync } from 'node:fs'
import { CacheFolderError } from '../cache/disk/cache-folder.ts'
import { loadConfig } from '../config/load-config.ts'
import { clean } from './clean.ts'
import { list } from './list.ts'
import { type Options, readOptions } from './options.ts'
import { BAD_SETTINGS, CommandError } from './shared/command-error.ts'
import { verify } from './verify.ts'

function complain(lines: readonly string[]): void {
  for (const line of lines) process.stderr.write(`playlink: ${line}\n`)
}

/** @returns the exit code */
async function run(options: Options): Promise<number> {
  const loaded = loadConfig(process.env, {
    cwd: process.cwd(),
    readFile: (path) => readFileSync(path, 'utf8'),
  })
  if ('faults' in loaded) {
    complain(loaded.faults)
    return BAD_SETTINGS
  }
  complain(loaded.warnings)
  const { config } = loaded
  if (options.command === 'ls') return list(config, options.json)
  if (options.command === 'verify') return verify(config, options.remove)
  return clean(config)
}

// `ls | head` ends early, and that is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error
  process.exit(0)
})

const options = readOptions(process.argv.slice(2))
if ('say' in options) {
  ;(options.exitCode === 0 ? process.stdout : process.stderr).write(options.say)
  process.exitCode = options.exitCode
} else {
  try {
    process.exitCode = await run(options)
  } catch (error) {
    if (!(error instanceof CommandError || error instanceof CacheFolderError)) throw error
    complain([error.message])
    process.exitCode = error instanceof CommandError ? error.exitCode : BAD_SETTINGS
  }
}
