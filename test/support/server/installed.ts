import { execFileSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { packInto } from '../../../scripts/package/pack-into.ts'

export interface Installed {
  /** Empty but for what was installed. */
  readonly folder: string
  /** The program that npm links as `playlink`. */
  readonly program: string
  /** The package's own folder. */
  readonly home: string
  /** What the archive holds. */
  readonly files: readonly string[]
}

/**
 * The package, laid where npm would install it, without any dependency. Whether npm itself installs it
 * from its registry is tried by `npm run test:install`.
 */
export function installPackage(folder: string): Installed {
  const archive = packInto(folder)
  const empty = join(folder, 'empty')
  const home = join(empty, 'node_modules/playlink')
  mkdirSync(home, { recursive: true })
  const tar = (...args: string[]): string =>
    execFileSync('tar', [...args, archive], { encoding: 'utf8' })
  tar('xz', '--strip-components=1', '-C', home, '-f')
  const files = tar('tzf').trimEnd().split('\n')
  return {
    ...{ folder: empty, home, program: join(home, 'bin/playlink.mjs') },
    files: files.map((file) => file.replace('package/', '')),
  }
}
