// Stands for the library that reads films: it tells the console what it found in a file that strangers made.
import { parentPort } from 'node:worker_threads'

parentPort?.on('message', () => {
  process.stderr.write('foreign words\n')
  process.stdout.write('foreign words\n')
  parentPort?.postMessage({ kind: 'done', result: 'said' })
})
parentPort?.postMessage({ kind: 'ready' })
