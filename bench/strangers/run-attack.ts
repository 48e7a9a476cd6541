import { once } from 'node:events'
import { Worker } from 'node:worker_threads'

export type Outcomes = Readonly<Record<string, number>>

export interface RunningAttack {
  /** How often each status came, `cut` where none did. */
  end(): Promise<Outcomes>
}

export function runAttack(names: readonly string[], port: number, from: string): RunningAttack {
  const worker = new Worker(new URL('./attacker.ts', import.meta.url), {
    workerData: { names, port, from },
  })
  return {
    async end() {
      const told = once(worker, 'message')
      worker.postMessage('stop')
      const [outcomes] = await told
      await worker.terminate()
      return outcomes as Outcomes
    },
  }
}
