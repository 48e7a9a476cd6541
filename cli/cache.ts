import { CacheFolderError } from '../cache/disk/cache-folder.ts'
import { clean } from './clean.ts'
import { list } from './list.ts'
import { type Options, readOptions } from './options.ts'
import { BAD_SETTINGS, CommandError } from './shared/command-error.ts'
import { complain, loadSettings, runCommand } from './shared/run-command.ts'
import { verify } from './verify.ts'

async function run(options: Options): Promise<number> {
  const { config, warnings } = loadSettings()
  complain(warnings)
  try {
    if (options.command === 'ls') return await list(config, options.json)
    if (options.command === 'verify') return await verify(config, options.remove)
    return await clean(config)
  } catch (error) {
    if (!(error instanceof CacheFolderError)) throw error
    throw new CommandError(BAD_SETTINGS, error.message)
  }
}

// `ls | head` ends early, and that is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error
  process.exit(0)
})

await runCommand(readOptions(process.argv.slice(2)), run)
