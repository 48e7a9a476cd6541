import { describe, expect, test } from '@jest/globals'
import { codeOf, readingFiles } from './project-files.ts'

/** Words that this project once had for itself, with the one that stands in docs/glossary.md now. */
const replaced: Readonly<Record<string, string>> = {
  arrival: 'download',
  arrivals: 'downloads',
  arriving: 'downloading',
  content: 'file (of a torrent)',
  contents: 'files',
  book: 'source list',
  books: 'source lists',
  shelf: 'record store',
  glance: 'head',
  hop: 'loop header',
  memo: 'cache',
  foresight: 'fetch-ahead',
  turn: 'permit, generation, lock or tick',
  turns: 'permits',
  staggered: 'hedged',
  undo: 'CleanupStack',
  door: 'request checks',
  life: 'lifecycle',
  gate: 'validator',
  breather: 'yieldToEventLoop',
  landing: 'time-critical piece',
  landings: 'time-critical pieces',
  roster: 'peer set',
  suspects: 'smart ban',
  assembly: 'piece buffers',
  keeper: 'piece writer',
  intake: 'block receiver',
  culprits: 'crash quarantine',
  patience: 'budget, back-off or timeout',
  held: 'pinned or stored',
  closings: 'pending closes',
}

/** Names that others read: JSON fields, metrics, error codes; and terms of HTTP, HTML and libraries. */
const kept = new Set([
  ...['arrivals', 'TOO_MANY_ARRIVALS', 'heldBytes'],
  ...['contentDisposition', 'contentSecurityPolicy', 'contentType', 'setContent', 'textContent'],
  // The whole of a torrent is what a web seed has (BEP 19).
  ...['WebSeedContent', 'content'],
])

const partsOf = (name: string): readonly string[] =>
  name
    .replace(/([a-z\d])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[ _$]+/)

/** Names in code: comments are gone already, texts go here (a text inside a `${}` is left in). */
const namesIn = (code: string): ReadonlySet<string> =>
  new Set(
    code
      .replace(/'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"/g, "''")
      // The prefix of a key, before what is filled in.
      .replace(/`[a-z-]+:\$\{/g, '`${')
      .replace(/`(?:[^`\\$]|\\.|\$(?!\{))*`/g, '``')
      .replace(/\/(?![*/])(?:[^/\\\n[]|\\.|\[(?:[^\]\\\n]|\\.)*\])+\/[a-z]*/g, '/./')
      .match(/\b[A-Za-z_$][\w$]*\b/g) ?? [],
  )

const files = readingFiles().filter((file) => !file.includes('/pages/assets/'))

describe('words that the glossary has replaced', () => {
  test.each(files)('are in no name of %s', (file) => {
    const old = [...namesIn(codeOf(file))].filter(
      (name) =>
        !kept.has(name) &&
        !name.startsWith('playlink_') &&
        partsOf(name).some((part) => Object.hasOwn(replaced, part)),
    )
    expect(old).toEqual([])
  })

  test('are in no name of a file', () => {
    const named = files.filter((file) =>
      (file.split('/').at(-1) ?? '')
        .split(/[.-]/)
        .some((part) => part !== 'content' && Object.hasOwn(replaced, part)),
    )
    expect(named).toEqual([])
  })
})
