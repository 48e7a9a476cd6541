import { globSync, readFileSync } from 'node:fs'
import { stripTypeScriptTypes } from 'node:module'
import { tokenizer } from 'acorn'
import { filesOf, read, root, sourceFiles } from '../docs/project-files.ts'

export interface Pattern {
  readonly file: string
  readonly line: number
  readonly source: string
  readonly flags: string
}

/** The regular expressions that a JavaScript text writes as literals. */
function literalsIn(file: string, code: string): Pattern[] {
  const found: Pattern[] = []
  // A module and a script differ in what is a keyword, which changes no token here but `await`.
  const tokens = tokenizer(code, { ecmaVersion: 'latest', sourceType: 'module', locations: true })
  for (const { type, start, end, loc } of tokens) {
    if (type.label !== 'regexp') continue
    const text = code.slice(start, end)
    const close = text.lastIndexOf('/')
    const [source, flags] = [text.slice(1, close), text.slice(close + 1)]
    found.push({ file, line: loc?.start.line ?? 0, source, flags })
  }
  return found
}

/** Those of our source; types are blanked, so that lines stay. */
export const ourPatterns = (): Pattern[] => [
  ...sourceFiles().flatMap((file) => literalsIn(file, stripTypeScriptTypes(read(file)))),
  ...filesOf('server/**/*.js').flatMap((file) => literalsIn(file, read(file))),
]

const OTHER = /(?:^|\/)(?:node_modules|test|tests|bench|browser|esm|umd)(?:\/|$)|\.min\.|chromeapp/

/** Those of an installed package, in what Node loads of it. */
export const patternsOf = (name: string): Pattern[] => {
  const folder = new URL(`node_modules/${name}/`, root).pathname
  const files = globSync('**/*.{js,cjs,mjs}', { cwd: folder, exclude: (one) => OTHER.test(one) })
  return files.flatMap((file) => {
    const code = readFileSync(`${folder}${file}`, 'utf8').replace(/^#!.*/, '')
    return literalsIn(`${name}/${file}`, code)
  })
}

/** `new RegExp` in our source: what each is made of is not in one place. */
export const madePatterns = (): string[] =>
  sourceFiles().flatMap((file) =>
    [...stripTypeScriptTypes(read(file)).matchAll(/\bnew RegExp\(|\bRegExp\(/g)].map(() => file),
  )

/** What a stranger repeats: blanks, separators, digits, brackets, and pairs of them. */
const PUMPS = [
  ...' \t\n.,;:-_/\\|=+*%&?#@!~^$"\'`()[]{}<>0aA',
  ...[
    'ab',
    'a.',
    '. ',
    '.0',
    '0.',
    '-e',
    ' a',
    '1,',
    '[a',
    '(a',
    '%2',
    '=a',
    ';a',
    ',a',
    '\r\n',
    'é',
    '💾',
  ],
]
const HEADS = ['', 'a', '0', '[', '"', 'size', 'bytes=', 'https://a/']
/** Nothing matches it, so that a pattern goes back over all that it took. */
const TAIL = '\u0001'

/** Texts of about so many characters that make a pattern go back over what it has read. */
export const hostileTexts = (length: number): string[] =>
  HEADS.flatMap((head) =>
    PUMPS.map((pump) => `${head}${pump.repeat(Math.ceil(length / pump.length))}${TAIL}`),
  )
