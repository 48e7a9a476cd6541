import { execFileSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { projectRoot } from '../run-command.ts'

/**
 * What `npm run pack` makes of the files as they are, in a folder of its own.
 * @returns the archive's path
 */
export function packInto(folder: string): string {
  // npm on this Node; it writes into the home folder, and would ask whether there is a newer npm.
  const env = {
    PATH: `${dirname(process.execPath)}:${process.env.PATH}`,
    HOME: folder,
    npm_config_update_notifier: 'false',
    npm_config_offline: 'true',
  }
  const built = join(folder, 'dist')
  execFileSync(process.execPath, ['--no-warnings', 'scripts/package/build.ts', built], {
    cwd: projectRoot,
    env,
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  execFileSync('npm', ['pack', '--silent', '--pack-destination', folder, built], {
    cwd: folder,
    env,
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  const archive = readdirSync(folder).find((name) => name.endsWith('.tgz'))
  if (archive === undefined) throw new Error('npm pack made no archive')
  return join(folder, archive)
}
