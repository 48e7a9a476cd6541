// Stands for a thread that hostile bytes keep busy: it says that it is there, and then never listens.
import { parentPort } from 'node:worker_threads'

parentPort?.on('message', () => {
  for (;;);
})
parentPort?.postMessage({ kind: 'ready' })
