import { existsSync, readFileSync } from 'node:fs'
import { isAbsolute } from 'node:path'
import { expect, test } from '@jest/globals'
import { startCommand } from '../../scripts/start-command.ts'

const { scripts } = JSON.parse(
  readFileSync(new URL('../../package.json', import.meta.url).pathname, 'utf8'),
)

test('what npm start runs, for any folder', () => {
  const { args, env } = startCommand()
  const main = args.at(-1) ?? ''
  expect([isAbsolute(main), existsSync(main), main.endsWith('/main.ts')]).toEqual([
    true,
    true,
    true,
  ])
  for (const flag of args.slice(0, -1)) expect(scripts.start).toContain(` ${flag} `)
  expect(Object.keys(env)).toEqual(['NODE_COMPILE_CACHE'])
  expect(isAbsolute(env.NODE_COMPILE_CACHE ?? '')).toBe(true)
})

test('the server and the engine keep their compiled code in one place', () => {
  const engine = readFileSync(
    new URL('../../torrent/supervisor/fork-engine.ts', import.meta.url).pathname,
    'utf8',
  )
  const [, place] = /new URL\('(?:\.\.\/)+(node_modules\/\.cache\/[^']+)'/.exec(engine) ?? []
  expect(startCommand().env.NODE_COMPILE_CACHE?.endsWith(`/${place}`)).toBe(true)
})
