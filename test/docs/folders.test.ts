import { existsSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from '@jest/globals'
import { tableRows } from './markdown-table.ts'

const root = path.join(import.meta.dirname, '../..')
const ROOMS = [
  'cli',
  'server',
  'doctor',
  'addon',
  'player',
  'media',
  'sources',
  'torrent',
  'cluster',
  'cache',
  'config',
  'common',
]
/** A folder that holds more is two folders. */
const MOST_FILES = 20

const order = tableRows('docs/architecture.md', 'Folder').map(([name = '']) =>
  name.replaceAll('`', ''),
)
const files = ROOMS.flatMap((room) =>
  readdirSync(path.join(root, room), { recursive: true })
    .map((name) => `${room}/${name}`)
    .filter((name) => name.endsWith('.ts')),
)
const folders = [...new Set(files.map(path.posix.dirname))].sort()

/** `[importing file, imported file]` of every relative import, types included. */
const imports = files.flatMap((file) =>
  [...readFileSync(path.join(root, file), 'utf8').matchAll(/(?:from|import\()\s*'(\.[^']+)'/g)].map(
    ([, place = '']) => [file, path.posix.join(path.posix.dirname(file), place)] as const,
  ),
)

describe('the folders of docs/architecture.md', () => {
  test('are all there are, each once, with a sentence', () => {
    expect(order.filter((name) => name !== 'main.ts').sort()).toEqual(folders)
    for (const [name, purpose] of tableRows('docs/architecture.md', 'Folder')) {
      expect([name, purpose]).toEqual([name, expect.stringMatching(/\w+ \w+/)])
    }
  })

  test.each(folders)('%s holds no more files than one can look over', (folder) => {
    expect(files.filter((file) => path.posix.dirname(file) === folder).length).toBeLessThanOrEqual(
      MOST_FILES,
    )
  })

  test('read only what stands below them', () => {
    const place = (file: string): number => order.indexOf(path.posix.dirname(file))
    const upward = imports.filter(([from, to]) => place(to) < place(from))
    expect(imports.length).toBeGreaterThan(1000)
    expect(upward.map((pair) => pair.join(' -> '))).toEqual([])
  })

  test('are mirrored by those of the tests', () => {
    const beside = new Set([
      'bench',
      'browsers',
      'contracts',
      'corpus',
      'demo',
      'docs',
      'e2e',
      'fixtures',
      'fuzz',
      'interop',
      'security',
      'races',
      'scripts',
      'soak',
      'support',
    ])
    const tested = readdirSync(path.join(root, 'test'), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) =>
        path.relative(path.join(root, 'test'), path.join(entry.parentPath, entry.name)),
      )
      .filter((name) => !beside.has(name.split(path.sep)[0] ?? ''))
    expect(tested.filter((name) => !existsSync(path.join(root, name)))).toEqual([])
  })
})
