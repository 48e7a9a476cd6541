// Prints the path of the Node that runs Playlink, for the scripts of package.json: as bin/node-choice.mjs
// says. Beside each other npm does not link programs of one name (`node_modules/.bin/node`), although only
// one of the packages is for this machine.
// A version and a machine given as arguments are judged in place of this one's (for the tests).

import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { hasGlibc, isEnough, leastNode, nodePackage } from '../bin/node-choice.mjs'

const version = process.argv[2] || process.versions.node
const machine = process.argv[3] || `${process.platform}-${process.arch}`

const modules = new URL('../node_modules/', import.meta.url)
const name = nodePackage(machine)
const brought = name && new URL(`${name}/bin/node`, modules)

if (!existsSync(modules)) {
  refuse('Playlink is not installed yet: run "npm ci" first.')
} else if (brought && existsSync(brought)) {
  console.log(fileURLToPath(brought))
} else if (isEnough(version)) {
  console.log(process.execPath)
} else {
  const libc = hasGlibc() ? '' : ' without glibc'
  refuse(
    `Playlink needs Node ${leastNode} or newer, but this is Node ${version}. ` +
      (brought && !libc
        ? 'The one that the install brings was left out: run "npm ci --include=optional".'
        : `The install has none for ${machine}${libc}: install Node ${leastNode} or newer yourself.`),
  )
}

function refuse(sentence) {
  console.error(sentence)
  process.exitCode = 1
}
