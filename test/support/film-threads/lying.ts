// Stands for a thread that hostile bytes have taken over: it asks for what is not there, and answers nonsense.
import { parentPort } from 'node:worker_threads'

parentPort?.on('message', (message: { readonly job?: { readonly kind: string } }) => {
  if (message.job?.kind === 'probe')
    parentPort?.postMessage({ kind: 'read', start: -1, end: 1e12, until: 1e12 })
  else parentPort?.postMessage({ kind: 'done', result: { anything: true } })
})
