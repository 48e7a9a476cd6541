import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from '@jest/globals'

const file = (name: string) => fileURLToPath(new URL(`../../${name}`, import.meta.url))

function check(...version: string[]) {
  const done = spawnSync(process.execPath, [file('scripts/check-node.mjs'), ...version], {
    encoding: 'utf8',
  })
  return { status: done.status, said: done.stdout + done.stderr }
}

describe('check-node', () => {
  test('says nothing on the Node that runs this, nor on a good one', () => {
    expect(check()).toEqual({ status: 0, said: '' })
    for (const version of ['22.18.0', '22.23.1', '23.0.0', '24.21.0', '100.1.2']) {
      expect(check(version)).toEqual({ status: 0, said: '' })
    }
  })

  test.each(['10.24.1', '18.20.4', '20.20.2', '22.17.1', '9.99.9'])('refuses %s', (version) => {
    const { status, said } = check(version)
    expect(status).toBe(1)
    expect(said).toBe(
      `Playlink needs Node 22.18 or newer, but this is Node ${version}: run "npm ci" and then ` +
        '"npm start" or "npm test", which bring a Node of their own and use it.\n',
    )
  })

  test('asks for what package.json says, before anything else runs', () => {
    const { engines, scripts } = JSON.parse(readFileSync(file('package.json'), 'utf8'))
    expect(engines.node).toBe('>=22.18')
    for (const name of ['start', 'test']) {
      // `exec`: else npm's SIGTERM ends the shell between them and leaves the server running.
      expect(scripts[name]).toMatch(/^node scripts\/check-node\.mjs && exec (env \S+ )?node /)
    }
  })
})
