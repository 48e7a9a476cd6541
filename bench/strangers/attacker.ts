// One hostile address, in a thread of its own: what it is busy with must not slow the honest viewer's watch.

import { constants, setPriority } from 'node:os'
import { parentPort, workerData } from 'node:worker_threads'
import { attack } from '../../test/support/strangers/attacks.ts'

const { names, port, from } = workerData as {
  readonly names: readonly string[]
  readonly port: number
  readonly from: string
}
// Of this thread alone, on Linux: a stranger works on a machine of its own, here it must not take the server's.
setPriority(constants.priority.PRIORITY_LOW)
const outcomes: Record<string, number> = {}
const stop = new AbortController()
parentPort?.once('message', () => stop.abort())

const told = (outcome: string): void => {
  outcomes[outcome] = (outcomes[outcome] ?? 0) + 1
}
void attack(names, { port, from, told }, stop.signal)
// Requests that the server holds open would end late; what they come to is of no interest any more.
stop.signal.addEventListener('abort', () => {
  parentPort?.postMessage(outcomes)
  process.exit(0)
})
