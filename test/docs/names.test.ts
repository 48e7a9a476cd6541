import { basename } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import { faults } from '../../common/errors.ts'
import { killPoints } from '../../common/kill-point.ts'
import { renamed, variables } from '../../config/variables.ts'
import { codeOf, filesOf, read, sourceFiles } from './project-files.ts'

/** What a page names has to be there. Not the record of measurements: it tells of what once was. */
const pages = filesOf('{*.md,docs/**/*.md}').filter((page) => page !== 'docs/performance.md')
const all = filesOf('**/*')
const names = new Set(all.map((file) => basename(file)))
const paths = new Set(all)
const code = sourceFiles().map(codeOf).join('\n')

/** Set by others, by who runs the tests, or for a compose file (TLS). */
const OTHERS_VARIABLES = [
  'CHAOS',
  'CHAOS_LOGS',
  'KILLS',
  'NODE_COMPILE_CACHE',
  'NODE_ENV',
  'NODE_EXTRA_CA_CERTS',
  'PLAYLINK_KILL_AT',
  'PLAYLINK_SEED',
  'SEEKS',
  'TLS',
  'XDG_CACHE_HOME',
]

/** Placeholders, a misspelling that is shown as one, and a name that no file is to have. */
const NO_NAMES = ['NAME', 'NAME_FILE', 'CACHE_MAXSIZE', 'NNNN-the-title.md', 'index.ts']
const isOneOf =
  (known: ReadonlySet<string>) =>
  (name: string): boolean =>
    [name, name.replace(/_FILE$/, '')].some((each) => known.has(each)) || NO_NAMES.includes(name)

const matches = (page: string, pattern: RegExp): string[] =>
  [...read(page).matchAll(pattern)].map(([, found = '']) => found)

describe.each(pages)('%s', (page) => {
  test('names files that are there', () => {
    const named = matches(page, /`((?:[\w-]+\/)*[\w-]+(?:\.[\w-]+)*\.(?:ts|mjs|js|css|conf|md))`/g)
    const isThere = (file: string): boolean =>
      (file.includes('/') ? paths : names).has(file) || NO_NAMES.includes(file)
    expect(named.filter((file) => !isThere(file))).toEqual([])
  })

  test('links to what is there', () => {
    const links = matches(page, /\]\((?!https?:|#)([^)#]+)/g)
    const here = new URL(page, 'file:///')
    const there = (link: string): string => new URL(link, here).pathname.slice(1).replace(/\/$/, '')
    expect(links.filter((link) => !paths.has(there(link)))).toEqual([])
  })

  test('names settings and errors that there are', () => {
    const settings = [...Object.keys(variables), ...Object.values(renamed), ...OTHERS_VARIABLES]
    const set = matches(page, /(?:^|[\s`'(])([A-Z][A-Z\d]+(?:_[A-Z\d]+)*)=/gm)
    expect(set.filter((name) => !isOneOf(new Set(settings))(name))).toEqual([])
    const known = new Set([...settings, ...Object.keys(faults)])
    const named = matches(page, /`([A-Z][A-Z\d]*(?:_[A-Z\d]+)+)`/g)
    expect(named.filter((name) => !isOneOf(known)(name))).toEqual([])
  })

  test('names metrics and commands that there are', () => {
    const { scripts } = JSON.parse(read('package.json'))
    expect(matches(page, /\b(playlink_\w+)/g).filter((name) => !code.includes(`${name}`))).toEqual(
      [],
    )
    expect(
      matches(page, /npm run (?:-s )?(\w[\w:-]*)/g).filter((name) => !(name in scripts)),
    ).toEqual([])
  })
})

test('the kill points that are named as examples are some', () => {
  const [, list = ''] =
    /`PLAYLINK_KILL_AT`[^:]*: (.*?)\. /s.exec(read('docs/what-happens-when.md')) ?? []
  const named = [...list.matchAll(/`([a-z]+(?::[a-z]+)?)(?::\d+)?`/g)].map(([, name]) => name)
  expect(named.length).toBeGreaterThan(1)
  const known = new Set<string | undefined>([...killPoints, 'any'])
  expect(named.filter((name) => !known.has(name))).toEqual([])
})

test('the clips that docs/stremio.md tells of are those there are', () => {
  const told = matches('docs/stremio.md', /^\| `([a-z-]+)` \| \d{3}/gm)
  const clips = filesOf('server/**/*.mp4').map((file) => basename(file, '.mp4'))
  expect(told.sort()).toEqual(clips.sort())
})

test('the drawing of a play names every error with its status', () => {
  const [, drawing = ''] =
    /## A play, top-down.*?```\n(.*?)```/s.exec(read('docs/architecture.md')) ?? []
  const table: Readonly<Record<string, readonly [number, string]>> = faults
  let open: string[] = []
  const told: [string, number][] = []
  for (const line of drawing.split('\n')) {
    open.push(...(line.match(/\b[A-Z]+(?:_[A-Z]+)+\b/g) ?? []).filter((name) => name in table))
    const status = Number(/\b(\d{3})(?: (\d{3}))?$/.exec(line)?.[1])
    if (!status) continue
    told.push(...open.map((name): [string, number] => [name, status]))
    open = []
  }
  expect(told.length).toBeGreaterThan(10)
  expect(told.filter(([name, status]) => table[name]?.[0] !== status)).toEqual([])
})
