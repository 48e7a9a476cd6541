import { readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { build, type Metafile, type Plugin } from 'esbuild'
import { projectRoot } from '../run-command.ts'
import { REQUIRED, SERVED, VENDORED } from './entries.ts'

/** Optional natives that somebody asks for and does without: not built here either. */
const ABSENT = ['bufferutil', 'utf-8-validate', 'utp-native']

/** The way from a file's folder to the package's: `../../`, or nothing. */
const upFrom = (file: string): string => '../'.repeat(file.split('/').length - 1)

const asEmitted = (file: string): string => file.replace(/\.ts$/, '.js')

/**
 * In a bundle `import.meta.url` is the bundle's. Where it stands in a file of ours it becomes the place
 * that the file would have in the package, which mirrors this project: so whatever is found by its place
 * (a page's styles, a clip, the module of a worker) is found as it is here.
 */
const keepPlaces: Plugin = {
  name: 'places',
  setup({ onLoad }) {
    onLoad({ filter: /\.ts$/ }, ({ path }) => {
      const file = asEmitted(relative(projectRoot, path))
      const text = readFileSync(path, 'utf8')
      let placed = text.replaceAll('import.meta.url', `placeOf(${JSON.stringify(file)})`)
      for (const [name, place] of Object.entries(REQUIRED)) {
        placed = placed.replaceAll(`)('${name}')`, `)('${upFrom(file)}${place}')`)
      }
      for (const [name, place] of Object.entries(SERVED)) {
        placed = placed.replaceAll(`.resolve('${name}')`, `.resolve('${upFrom(file)}${place}')`)
      }
      return { contents: placed, loader: 'ts' }
    })
  },
}

/** @param up the way from the entry's folder to the package's, `../../` */
const vendored = (up: string): Plugin => ({
  name: 'vendored',
  setup({ onResolve }) {
    for (const [name, place] of Object.entries(VENDORED)) {
      const filter = new RegExp(`^${name}$`)
      onResolve({ filter }, () => ({ path: `${up || './'}${place}`, external: true }))
    }
  },
})

/** webtorrent can do WebRTC, which we do not: what it needs for that would bring binaries of 20 MB. */
const withoutWebRtc: Plugin = {
  name: 'without-webrtc',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^webrtc-polyfill$/ }, ({ path }) => ({ path, namespace: 'none' }))
    onLoad({ filter: /./, namespace: 'none' }, () => ({ contents: 'module.exports = {}' }))
  },
}

/** What every bundle begins with: how CommonJS packages get Node's own modules, and places. */
const banner = (up: string): string =>
  [
    "import { createRequire as requireFrom } from 'node:module'",
    'const require = requireFrom(import.meta.url)',
    `const placeOf = (file) => new URL('${up}' + file, import.meta.url).href`,
  ].join('\n')

/** @returns which files went into it, for their licences */
export async function bundle(entry: string, target: string): Promise<Metafile> {
  const up = upFrom(entry)
  const { metafile } = await build({
    absWorkingDir: projectRoot,
    entryPoints: [entry],
    outfile: join(target, asEmitted(entry)),
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node22.18',
    // Names stay, for stacks are read; so do comments of licences.
    minifyWhitespace: true,
    legalComments: 'inline',
    keepNames: false,
    external: ABSENT,
    banner: { js: banner(up) },
    // Node's own is deprecated, and says so.
    alias: { punycode: 'punycode/punycode.js' },
    plugins: [keepPlaces, vendored(up), withoutWebRtc],
    metafile: true,
    logLevel: 'warning',
  })
  return metafile
}

/** @returns which files went into it */
export async function bundleRequired(name: string, target: string): Promise<Metafile> {
  const { metafile } = await build({
    absWorkingDir: projectRoot,
    entryPoints: [name],
    outfile: join(target, REQUIRED[name] ?? name),
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node22.18',
    minifyWhitespace: true,
    legalComments: 'inline',
    metafile: true,
    logLevel: 'warning',
  })
  return metafile
}
