import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('..', import.meta.url))

export interface StartCommand {
  /** For Node, main.ts last; runs in any folder. */
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string>>
}

/** What `npm start` runs, for whoever starts the server otherwise: package.json is where it is written. */
export function startCommand(): StartCommand {
  const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'))
  const [before = '', command = ''] = String(scripts.start).split(' exec "$node" ')
  const words = command.split(' ')
  const env = [...before.matchAll(/export (\w+)=(\S+)/g)]
  return {
    args: [...words.slice(0, -1), join(ROOT, words.at(-1) ?? '')],
    env: Object.fromEntries(env.map(([, name = '', value = '']) => [name, resolve(ROOT, value)])),
  }
}
