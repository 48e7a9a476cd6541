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
  const words = String(scripts.start).split(' exec env ')[1]?.split(' ') ?? []
  const node = words.indexOf('"$node"')
  const env = words.slice(0, node).map((word) => word.split('=') as [string, string])
  return {
    args: [...words.slice(node + 1, -1), join(ROOT, words.at(-1) ?? '')],
    env: Object.fromEntries(env.map(([name, value]) => [name, resolve(ROOT, value)])),
  }
}
