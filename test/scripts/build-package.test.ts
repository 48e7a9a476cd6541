import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { buildPackage } from '../../scripts/package/build-package.ts'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'playlink-build-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

test('a package for one machine has its binary and no other', async () => {
  const target = join(folder, 'dist')
  await buildPackage(target, 'linux-amd64')
  const files = readdirSync(target, { recursive: true, encoding: 'utf8' })
  const natives = files.filter((file) => /\.(node|so|dylib|dll|exe)$/.test(file))
  expect(natives.map((file) => basename(file))).toEqual(['linux-x64.node'])
  expect(files.filter((file) => /(^|\/)node_modules\/|\.map$/.test(file))).toEqual([])
})

test('nothing is made for a machine that there is no binary for', async () => {
  const target = join(folder, 'none')
  await expect(buildPackage(target, 'linux-riscv64')).rejects.toThrow('nothing for linux-riscv64')
  expect(readdirSync(folder)).not.toContain('none')
})
