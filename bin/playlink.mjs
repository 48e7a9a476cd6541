#!/usr/bin/env node
// `playlink`, as npm installs it: becomes the Node that runs Playlink, with the flags of `npm start`
// (docs/decisions/0018). Plain old JavaScript, as bin/node-choice.mjs is, and for the same reason.

import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { hasGlibc, isEnough, leastNode, nodePackage } from './node-choice.mjs'

/** Those of the start script of package.json; a test keeps the two equal. */
const SERVER_FLAGS = [
  '--initial-old-space-size=64',
  '--max-semi-space-size=8',
  '--heap-growing-percent=50',
  '--no-allocation-site-pretenuring',
]
/** `playlink cache ls`: the word, and its program. */
const COMMANDS = {
  cache: 'cli/cache',
  token: 'cli/token',
  explain: 'cli/explain',
  doctor: 'cli/doctor',
  'anime-ids': 'cli/anime-ids',
}
/** EX_UNAVAILABLE of sysexits.h. */
const NO_NODE = 69

/** In a group with less memory than this Node's own choice, half of it, leaves too little for the rest. */
const SMALL_BYTES = 2 ** 31
const HEAP_SHARE = 0.35

const root = fileURLToPath(new URL('..', import.meta.url))
/** In a clone the same program runs what nobody has emitted. */
const ending = existsSync(join(root, 'main.js')) ? '.js' : '.ts'
const place = (module) => join(root, module + ending)
const [word, ...rest] = process.argv.slice(2)
const command = Object.hasOwn(COMMANDS, word) ? COMMANDS[word] : undefined
const node = findNode()
if (node === undefined) {
  const where = `${process.platform}-${process.arch}${hasGlibc() ? '' : ' without glibc'}`
  say(
    `needs Node ${leastNode} or newer, but this is Node ${process.versions.node}, and the package ` +
      `that holds one for ${where} is not here. Install a newer Node, or do not leave out optional ` +
      'packages.',
  )
  process.exitCode = NO_NODE
} else {
  // A compile cache that cannot be written is none, and no fault.
  const { NODE_COMPILE_CACHE = join(root, 'node_modules/.cache/playlink') } = process.env
  const program = command
    ? ['--no-warnings', place(command), ...rest]
    : [...SERVER_FLAGS, ...heapFlags(), place('main'), ...process.argv.slice(2)]
  become(node, program, { ...process.env, NODE_COMPILE_CACHE })
}

function say(sentence) {
  process.stderr.write(`playlink: ${sentence}\n`)
}

function findNode() {
  const name = nodePackage(`${process.platform}-${process.arch}`)
  if (name && hasGlibc()) {
    try {
      const facts = createRequire(import.meta.url).resolve(`${name}/package.json`)
      const brought = join(dirname(facts), 'bin/node')
      if (existsSync(brought)) return brought
    } catch {
      // Left out, or not for this machine.
    }
  }
  return isEnough(process.versions.node) ? process.execPath : undefined
}

function heapFlags() {
  const limit = process.constrainedMemory?.() ?? 0
  if (!(limit > 0 && limit < SMALL_BYTES)) return []
  return [`--max-old-space-size=${Math.round((limit * HEAP_SHARE) / 2 ** 20)}`]
}

/** One process, where Node can (22.15): signals reach the server, and no second Node lies in memory. */
function become(file, args, env) {
  if (process.execve) process.execve(file, [file, ...args], env)
  const child = spawn(file, args, { env, stdio: 'inherit' })
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGUSR2']) {
    process.on(signal, () => child.kill(signal))
  }
  child.once('error', (error) => {
    say(`${file} cannot be started: ${error.message}`)
    process.exitCode = NO_NODE
  })
  child.once('exit', (code, signal) => {
    if (signal === null) process.exit(code)
    process.removeAllListeners(signal)
    process.kill(process.pid, signal)
  })
}
