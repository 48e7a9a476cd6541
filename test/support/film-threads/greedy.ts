// Stands for the making of a large segment: reads 40 MiB, one mebibyte at a time.
import { parentPort } from 'node:worker_threads'

const BLOCK = 1 << 20
let at = 0

const readOn = () =>
  parentPort?.postMessage({ kind: 'read', start: at, end: at + BLOCK, until: at + BLOCK })

parentPort?.on('message', (message: { readonly job?: object; readonly bytes?: Uint8Array }) => {
  at = message.job ? 0 : at + BLOCK
  if (at < 40 * BLOCK) readOn()
  else parentPort?.postMessage({ kind: 'done', result: at })
})
parentPort?.postMessage({ kind: 'ready' })
