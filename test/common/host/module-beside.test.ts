import { existsSync } from 'node:fs'
import { posix } from 'node:path'
import { expect, test } from '@jest/globals'
import { moduleBeside } from '../../../common/host/module-beside.ts'
import { ENTRIES } from '../../../scripts/package/entries.ts'
import { codeOf, root, sourceFiles } from '../../docs/project-files.ts'

test('ends as its caller does', () => {
  const href = (caller: string) => moduleBeside('../engine/engine', caller).href
  expect(href('file:///a/supervisor/fork.ts')).toBe('file:///a/engine/engine.ts')
  expect(href('file:///a%20b/supervisor/fork.js')).toBe('file:///a%20b/engine/engine.js')
})

test('whatever is started beside its caller is found so, and is there', () => {
  const started = sourceFiles()
    .filter((file) => !/^(scripts|demo)\//.test(file))
    .flatMap((file) =>
      [...codeOf(file).matchAll(/moduleBeside\('([^']+)', import\.meta\.url\)/g)].map(
        ([, place = '']) => posix.join(file, '..', `${place}.ts`),
      ),
    )
  expect(started.length).toBeGreaterThan(4)
  const missing = started.filter((file) => !existsSync(new URL(file, root)))
  expect(missing).toEqual([])
  // The package holds what is started as a program of its own.
  expect(started.filter((file) => !ENTRIES.includes(file))).toEqual([])
  // A name with `.ts` would be right in a clone only.
  const named = sourceFiles().filter((file) => /new URL\('[^']+\.ts', import/.test(codeOf(file)))
  expect(named.filter((file) => !/^(scripts|demo)\//.test(file))).toEqual([])
})
