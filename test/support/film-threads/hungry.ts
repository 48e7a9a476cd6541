// Stands for a thread that hostile bytes make take memory without end.
import { parentPort } from 'node:worker_threads'

parentPort?.on('message', () => {
  const all: string[][] = []
  for (;;) all.push(Array.from({ length: 10_000 }, (_, n) => `${n} ${all.length}`))
})
parentPort?.postMessage({ kind: 'ready' })
