import { describe, expect, test } from '@jest/globals'
import { faults } from '../../common/errors.ts'
import { variables } from '../../config/variables.ts'
import { membersIn, namesRead } from './interface-members.ts'
import { codeOf, filesOf, read, readingFiles, sourceFiles } from './project-files.ts'

const source = new Map(sourceFiles().map((file) => [file, codeOf(file)]))
const outside = (folder: string): string =>
  [...source].flatMap(([file, code]) => (file.startsWith(folder) ? [] : [code])).join('\n')
const inConfig = filesOf('config/*.ts').map(codeOf).join('\n')

/** What nobody reads and stays, with the reason: `Interface.member`, or `Interface` for all of them. */
const allowed: Readonly<Record<string, string>> = {
  MetaPreview: 'goes out as JSON, in the form that Stremio names',
  'Variable.meaning': 'is the text of docs/settings.md, proved equal by a test',
  WtParsedTorrent: 'webtorrent reads what we set',
  'WtStore.put': 'webtorrent calls it, to write a piece that it has fetched',
  'WtTorrent._startupBitfield': 'webtorrent reads what we set',
  'WtTorrent._updateWireInterest': 'webtorrent calls what we set',
  'WtWireInternals._write': 'bittorrent-protocol calls what we set',
}

test.each(Object.keys(faults))('the error %s is thrown somewhere', (code) => {
  // The table itself, a comparison and a key of another table throw nothing.
  const thrown = new RegExp(`(?<![!=]== |case )'${code}'`)
  expect([code, thrown.test(outside('common/errors.ts'))]).toEqual([code, true])
})

describe('settings', () => {
  test.each(Object.keys(variables))('%s becomes part of the configuration', (name) => {
    const used = new RegExp(`\\bvalues\\.${name}\\b|\\{[^}]*\\b${name}\\b[^}]*\\} = values\\b`)
    expect([name, used.test(inConfig)]).toEqual([name, true])
  })

  test('what they come to is read outside of config/', () => {
    const taken = namesRead(outside('config/'))
    const members = codeOf('config/config.ts').matchAll(/^ +readonly (\w+)\??:/gm)
    const idle = [...members].map(([, name = '']) => name).filter((name) => !taken.has(name))
    expect(idle).toEqual([])
  })
})

test('every member of an interface is read, or says why not', () => {
  const taken = namesRead(
    readingFiles()
      .map((file) => codeOf(file).replace(/^import .*$/gm, ''))
      .join('\n'),
  )
  const idle = [...source].flatMap(([file, code]) =>
    membersIn(code)
      .filter(({ name }) => !taken.has(name))
      .map(({ owner, name }) => ({ file, owner, member: `${owner}.${name}` })),
  )
  const excused = ({ owner, member }: { owner: string; member: string }) =>
    owner in allowed || member in allowed
  expect(idle.filter((one) => !excused(one))).toEqual([])
  // An excuse that nobody needs any more goes too.
  const needed = new Set(idle.flatMap(({ owner, member }) => [owner, member]))
  expect(Object.keys(allowed).filter((one) => !needed.has(one))).toEqual([])
})

/** Exported values, which others name; a type may also be there for a function beside it. */
const EXPORTED = /^export (?:async )?(function|const|class|interface|type) (\w+)/gm

test('what a file exports is used', () => {
  const all = [...filesOf('**/*.{ts,mjs}'), ...filesOf('server/**/*.js')]
  const texts = new Map(all.map((file) => [file, codeOf(file)]))
  const words = new Map([...texts].map(([file, code]) => [file, new Set(code.match(/\w+/g))]))
  const isUsed = (file: string, kind: string, name: string): boolean => {
    const own = texts.get(file)?.match(new RegExp(`\\b${name}\\b`, 'g'))?.length ?? 0
    if (own > 1 && /interface|type/.test(kind)) return true
    return all.some((other) => other !== file && words.get(other)?.has(name))
  }
  const idle = [...texts].flatMap(([file, code]) =>
    [...code.matchAll(EXPORTED)]
      .filter(([, kind = '', name = '']) => !isUsed(file, kind, name))
      .map(([, , name]) => `${file}: ${name}`),
  )
  expect(idle).toEqual([])
})

test('what package.json brings somebody imports', () => {
  const { dependencies, devDependencies } = JSON.parse(read('package.json'))
  const names = Object.keys({ ...dependencies, ...devDependencies })
  const code = filesOf('**/*.{ts,mjs}').map(read).join('\n')
  const imported = (name: string): boolean =>
    new RegExp(`(?:from|import\\(|import|resolve\\()\\s*['"]${name}['"/]`).test(code)
  /** Run as programs, by package.json or scripts/. */
  const programs = ['@biomejs/biome', 'jest', 'node', 'typescript']
  const idle = names.filter((name) => {
    const typed = name.replace(/^@types\//, '')
    return !imported(typed) && typed !== 'node' && !programs.includes(name)
  })
  expect(idle).toEqual([])
})

test('every class of the style sheets is on a page', () => {
  const pages = [...filesOf('server/**/*.{ts,js,html}')].map(read).join('\n')
  const classes = filesOf('server/**/*.css').flatMap(
    (file) => read(file).match(/\.[a-z][\w-]*/g) ?? [],
  )
  const idle = [...new Set(classes)].filter(
    (name) => !new RegExp(`\\b${name.slice(1)}\\b`).test(pages),
  )
  expect(idle).toEqual([])
})
