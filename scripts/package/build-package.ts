import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { extname, join } from 'node:path'
import { projectRoot } from '../run-command.ts'
import { bundle, bundleRequired } from './bundle.ts'
import { ENTRIES, REQUIRED, SERVED, VENDORED } from './entries.ts'

/** Folders whose files are read at run time, code aside; whole, with what is below them. */
const READ = ['catalogue', 'server/pages/assets', 'server/play/clips']
/** The same, single files, and what a package shows of itself. */
const FILES = [
  'manifest.json',
  'server/pages/operators-part.html',
  'server/pages/test-source-selection.html',
  'docs/openapi.yaml',
  'docs/settings.md',
  'README.md',
  'CHANGELOG.md',
  'LICENSE',
  'bin',
]

const PROJECT = JSON.parse(readFileSync(join(projectRoot, 'package.json'), 'utf8'))

/**
 * Everything is in the bundles, so an install fetches nothing but a Node, compiles nothing, and is the same
 * everywhere: npm heeds neither our lockfile nor our overrides where Playlink is a dependency.
 */
function manifest(): object {
  const { name, version, description, license, type, optionalDependencies } = PROJECT
  return {
    ...{ name, version, description, license, type, private: true },
    engines: PROJECT.engines,
    bin: { playlink: 'bin/playlink.mjs' },
    exports: { './package.json': './package.json' },
    optionalDependencies,
  }
}

function copyRead(target: string): void {
  for (const folder of READ) {
    for (const entry of readdirSync(join(projectRoot, folder), { withFileTypes: true })) {
      if (extname(entry.name) === '.ts') continue
      const place = join(folder, entry.name)
      cpSync(join(projectRoot, place), join(target, place), { recursive: true })
    }
  }
  for (const file of FILES) cpSync(join(projectRoot, file), join(target, file), { recursive: true })
}

/**
 * The binaries' names, by what else a machine is called: `linux-amd64` is what images say.
 * @throws where there is no binary for it
 */
function isFor(machine: string | undefined): (path: string) => boolean {
  if (machine === undefined) return (path) => !path.includes('win32')
  const name = machine.replace(/-amd64$/, '-x64')
  const binaries = Object.keys(VENDORED).map((one) => `${one}/prebuilds/${name}.node`)
  const missing = binaries.find((one) => !existsSync(join(projectRoot, 'node_modules', one)))
  if (missing) throw new Error(`There is nothing for ${machine}: ${missing} is not there.`)
  return (path) => !path.endsWith('.node') || path.endsWith(`/${name}.node`)
}

/** The code and the binaries of a package that brings them, without its sources and without Windows. */
function copyVendored(target: string, machine: string | undefined): void {
  const filter = isFor(machine)
  for (const [name, place] of Object.entries(VENDORED)) {
    const from = join(projectRoot, 'node_modules', name)
    const to = join(target, place.slice(0, place.indexOf(name) + name.length))
    mkdirSync(to, { recursive: true })
    for (const part of ['package.json', 'LICENSE', 'lib', 'prebuilds']) {
      cpSync(join(from, part), join(to, part), { recursive: true, filter })
    }
  }
}

/** `node_modules/@a/b` of every package of which something is in the bundles. */
const packagesIn = (inputs: readonly string[]): string[] => [
  ...new Set(inputs.flatMap((file) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file) ?? [])),
]

/** The licences of what was bundled ask for their text to go along. */
function writeLicences(target: string, inputs: readonly string[]): void {
  const texts = packagesIn(inputs).map((folder) => {
    const names = readdirSync(join(projectRoot, folder))
    const { name, version, license } = JSON.parse(
      readFileSync(join(projectRoot, folder, 'package.json'), 'utf8'),
    )
    const file = names.find((one) => /^(licen[cs]e|copying)/i.test(one))
    const text = file ? readFileSync(join(projectRoot, folder, file), 'utf8').trim() : ''
    return `${name} ${version} (${license})\n\n${text}\n`
  })
  const heading = 'Parts of these packages are in the code of Playlink.\n'
  writeFileSync(
    join(target, 'THIRD-PARTY'),
    [heading, ...texts.sort()].join(`\n${'-'.repeat(80)}\n\n`),
  )
}

/**
 * Makes the folder that `npm pack` packs. It mirrors the project: what a file finds by its place is found
 * there too (scripts/package/bundle.ts).
 * @param target is emptied first
 * @param machine `linux-x64`: binaries for this one only; undefined: for all but Windows
 * @throws before anything is written, where there is none for it
 */
export async function buildPackage(target: string, machine?: string): Promise<void> {
  isFor(machine)
  rmSync(target, { recursive: true, force: true })
  mkdirSync(target, { recursive: true })
  const inputs: string[] = []
  for (const entry of ENTRIES) {
    const { inputs: read } = await bundle(entry, target)
    inputs.push(...Object.keys(read))
  }
  for (const name of Object.keys(REQUIRED)) {
    const { inputs: read } = await bundleRequired(name, target)
    inputs.push(...Object.keys(read))
  }
  for (const [name, place] of Object.entries(SERVED)) {
    cpSync(join(projectRoot, 'node_modules', name), join(target, place))
    inputs.push(`node_modules/${name}`)
  }
  copyRead(target)
  copyVendored(target, machine)
  writeLicences(target, inputs)
  writeFileSync(join(target, 'package.json'), `${JSON.stringify(manifest(), undefined, 2)}\n`)
}
