import { connect, createServer } from 'node:net'
import { listen } from '../server/listening.ts'

export interface SlowWay {
  /** `redis://127.0.0.1:<port>` */
  readonly url: string
  /** For every answer from now on, milliseconds. */
  delay(ms: number): void
  /** No answer comes from now on until `release`: for tests whose clock stands still. */
  hold(): void
  release(): void
  /** Answers that are held. */
  readonly held: number
  /** How often something was asked. */
  readonly questions: number
  /** Our keys in what was asked, in order; the pulse left out, which beats whatever happens. */
  readonly keys: string[]
  end(): Promise<void>
}

/** A way to Redis that takes `delayMs` for each answer; 0 at first. */
export async function startSlowWay(to: number): Promise<SlowWay> {
  let delayMs = 0
  let held: (() => void)[] | undefined
  const keys: string[] = []
  let questions = 0
  const timers = new Set<NodeJS.Timeout>()
  const cuts = new Set<() => void>()
  const server = createServer((near) => {
    const far = connect(to, '127.0.0.1')
    near.on('data', (chunk: Buffer) => {
      questions++
      keys.push(...(chunk.toString('latin1').match(/playlink:1:(?!.*:pulse)[^\r]+/g) ?? []))
      far.write(chunk)
    })
    far.on('data', (chunk: Buffer) => {
      if (held) return void held.push(() => near.write(chunk))
      if (delayMs === 0) return void near.write(chunk)
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
    ...{ keys, url: `redis://127.0.0.1:${port}` },
    delay(ms) {
      delayMs = ms
    },
    hold() {
      held ??= []
    },
    release() {
      for (const answer of held?.splice(0) ?? []) answer()
      held = undefined
    },
    get questions() {
      return questions
    },
    get held() {
      return held?.length ?? 0
    },
    async end() {
      for (const timer of timers) clearTimeout(timer)
      for (const cut of cuts) cut()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
