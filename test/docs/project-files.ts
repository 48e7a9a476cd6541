import { globSync, readFileSync } from 'node:fs'

export const root = new URL('../../', import.meta.url)

export const read = (file: string): string => readFileSync(new URL(file, root), 'utf8')

/** Files of the repository below its root, `/` between names; nothing that was installed, built or is hidden. */
export const filesOf = (pattern: string): string[] =>
  globSync(pattern, {
    cwd: root.pathname,
    exclude: (name) => /(^|\/)(node_modules|\.[^/]+)$|^dist$/.test(name),
  }).sort()

const isProven = /^(test|bench)\//

/** TypeScript that runs in use; tests and benches are no callers. */
export const sourceFiles = (): string[] => filesOf('**/*.ts').filter((file) => !isProven.test(file))

/** The same with what the pages' scripts read. */
export const readingFiles = (): string[] => [...sourceFiles(), ...filesOf('server/**/*.js')]

/** Lines that are comments are blank: a name in one is no use of it. */
export const codeOf = (file: string): string =>
  read(file).replace(/^[ \t]*(?:\/\*|\*|\/\/).*$/gm, '')
