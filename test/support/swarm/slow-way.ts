import { connect, createServer } from 'node:net'
import { listen } from '../server/listening.ts'

export interface SlowWay {
  /** `redis://127.0.0.1:<port>` */
  readonly url: string
  /** For every answer from now on, milliseconds. */
  delay(ms: number): void
  end(): Promise<void>
}

/** A way to Redis that takes `delayMs` for each answer; 0 at first. */
export async function startSlowWay(to: number): Promise<SlowWay> {
  let delayMs = 0
  const timers = new Set<NodeJS.Timeout>()
  const cuts = new Set<() => void>()
  const server = createServer((near) => {
    const far = connect(to, '127.0.0.1')
    near.on('data', (chunk: Buffer) => far.write(chunk))
    far.on('data', (chunk: Buffer) => {
      const timer = setTimeout(() => {
        timers.delete(timer)
        near.write(chunk)
      }, delayMs)
      timers.add(timer)
    })
    const cut = () => {
      near.destroy()
      far.destroy()
    }
    for (const socket of [near, far]) socket.on('error', cut).on('close', cut)
    cuts.add(cut)
  })
  const port = await listen(server)
  return {
    url: `redis://127.0.0.1:${port}`,
    delay(ms) {
      delayMs = ms
    },
    async end() {
      for (const timer of timers) clearTimeout(timer)
      for (const cut of cuts) cut()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
