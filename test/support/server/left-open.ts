// Preloaded into the test runner and its workers: one that is told to end because it does not end by
// itself says what keeps it, and where that was made.

import { createHook } from 'node:async_hooks'
import { writeSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../../..', import.meta.url))
/** jest's own; a server that a test starts has these flags too, and ends in its own way. */
const runsTests = /[\\/]jest(?:-worker)?[\\/](?:bin|build)[\\/]/.test(process.argv[1] ?? '')

interface Open {
  readonly type: string
  readonly resource: WeakRef<{ hasRef?(): boolean }>
  readonly madeAt: Error
}
const opened = new Map<number, Open>()

function init(id: number, type: string, _trigger: number, resource: object): void {
  if (typeof (resource as { hasRef?: unknown }).hasRef !== 'function') return
  opened.set(id, { type, resource: new WeakRef(resource), madeAt: new Error(type) })
}

/** The lines of a stack that are the project's, as paths below its root. */
function placesOf({ stack = '' }: Error): string[] {
  const places = stack
    .split('\n')
    .flatMap((line) => /\(?(?:file:\/\/)?(\/\S+:\d+):\d+/.exec(line)?.[1] ?? [])
  const others = places.filter((place) => !place.startsWith(import.meta.filename))
  const ours = others.filter((place) => !place.includes('node_modules') && place.startsWith(root))
  return (ours.length > 0 ? ours : others).map((place) => path.relative(root, place)).slice(0, 6)
}

function whatIsOpen(): string[] {
  return [...opened.values()].flatMap(({ type, resource, madeAt }) =>
    resource.deref()?.hasRef?.() ? [[type, ...placesOf(madeAt)].join(' < ')] : [],
  )
}

if (runsTests) {
  Error.stackTraceLimit = Math.max(Error.stackTraceLimit, 25)
  createHook({ init, destroy: (id) => opened.delete(id), trackPromises: false }).enable()
  process.once('SIGTERM', (signal) => {
    writeSync(2, `Still open in ${process.pid}:\n${whatIsOpen().join('\n')}\n`)
    process.kill(process.pid, signal)
  })
}
