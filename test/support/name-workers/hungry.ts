// A worker of names that dies of memory at `hungry`, and answers anything else with nothing.
import { parentPort, workerData } from 'node:worker_threads'

const at: Int32Array = workerData
parentPort?.on('message', ({ id, names }: { id: number; names: string[] }) => {
  const answers = names.map((name, index) => {
    Atomics.store(at, 0, index)
    const kept: unknown[] = []
    while (name === 'hungry') kept.push(Array.from({ length: 100_000 }, () => ({})))
    return {
      tokens: name,
      hdr: [],
      audio: [],
      languages: [],
      poor: false,
    }
  })
  Atomics.store(at, 0, -1)
  parentPort?.postMessage({ id, answers })
})
parentPort?.postMessage('ready')
