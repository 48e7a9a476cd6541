import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from '@jest/globals'

const root = path.join(import.meta.dirname, '../..')
const PARSERS = ['@viren070/parse-torrent-title']
const WORKER = 'sources/names/name-worker.ts'

/** What a file loads: imports of types are gone before it runs. */
function loadedBy(file: string): readonly string[] {
  const code = readFileSync(path.join(root, file), 'utf8')
  const imports =
    /^(?:import|export)\s(?!type\b)(?:[\w*{}\s,]*\sfrom\s)?'([^']+)'|import\(\s*'([^']+)'/gm
  return [...code.matchAll(imports)]
    .map(([, place, late]) => place ?? late ?? '')
    .map((place) =>
      place.startsWith('.') ? path.posix.join(path.posix.dirname(file), place) : place,
    )
}

/** Every file and package that is loaded from there on. */
function graph(entry: string): ReadonlySet<string> {
  const seen = new Set([entry])
  for (const file of seen) {
    if (!file.endsWith('.ts')) continue
    expect([file, existsSync(path.join(root, file))]).toEqual([file, true])
    for (const place of loadedBy(file)) seen.add(place)
  }
  return seen
}

test('the main thread loads no parser of names; the worker loads all, and little else', () => {
  const main = graph('main.ts')
  expect(main.size).toBeGreaterThan(250)
  expect(main).toContain('sources/names/worker-thread.ts')
  expect([...main].filter((place) => PARSERS.includes(place) || place === WORKER)).toEqual([])
  const worker = graph(WORKER)
  expect([...worker]).toEqual(expect.arrayContaining(PARSERS))
  expect(worker.size).toBeLessThan(16)
})
