import { type ClientRequest, get as httpGet } from 'node:http'

export interface Viewing {
  /** Milliseconds until two seconds of film were there. */
  readonly startMs: number
  readonly stalls: number
  readonly stalledMs: number
  /** Milliseconds from a jump to 60 % until two seconds were there again. */
  readonly seekMs: number
}

export interface ViewingPlan {
  readonly size: number
  readonly megabits: number
  readonly seconds: number
  /** Seconds after which the viewer jumps. */
  readonly seekAfter: number
}

const TICK_MS = 20
const START_MS = 2000
const AHEAD_MS = 20_000

/** Reads from `at` on, at most twenty seconds of film ahead of what was played. */
function openAt(url: string, at: number, aheadBytes: number, played: () => number) {
  let have = 0
  let request: ClientRequest | undefined
  let waiting: NodeJS.Timeout | undefined
  const follow = (next: string): void => {
    request = httpGet(next, { agent: false, headers: { Range: `bytes=${at}-` } }, (res) => {
      const { location } = res.headers
      if (location) {
        res.resume()
        return follow(new URL(location, next).href)
      }
      res.on('error', () => {})
      res.on('data', (chunk: Buffer) => {
        have += chunk.length
        if (have - played() > aheadBytes) res.pause()
      })
      waiting = setInterval(() => {
        if (res.isPaused() && have - played() < aheadBytes * 0.95) res.resume()
      }, 50)
    })
    request.on('error', () => {})
  }
  follow(url)
  return {
    have: () => have,
    close() {
      clearInterval(waiting)
      request?.destroy()
    },
  }
}

/** A player: starts with two seconds of film, stalls when dry, goes on with two seconds, and jumps once. */
export async function view(url: string, plan: ViewingPlan): Promise<Viewing> {
  const perMs = (plan.megabits * 125_000) / 1000
  const since = performance.now()
  let played = 0
  const open = (at: number) => openAt(url, at, perMs * AHEAD_MS, () => played)
  let source = open(0)
  let state: 'start' | 'seek' | 'stall' | 'play' = 'start'
  let entered = since
  let last = since
  let sought = false
  const outcome = { startMs: Number.NaN, stalls: 0, stalledMs: 0, seekMs: Number.NaN }
  try {
    for (let now = since; now - since < plan.seconds * 1000; now = performance.now()) {
      if (state === 'play') {
        played += perMs * (now - last)
        if (played >= source.have()) {
          played = source.have()
          outcome.stalls++
          state = 'stall'
          entered = now
        }
      } else if (source.have() - played >= perMs * START_MS) {
        if (state === 'start') outcome.startMs = now - entered
        else if (state === 'seek') outcome.seekMs = now - entered
        else outcome.stalledMs += now - entered
        state = 'play'
      }
      if (!sought && state !== 'start' && now - since > plan.seekAfter * 1000) {
        sought = true
        source.close()
        played = 0
        source = open(Math.floor(plan.size * 0.6))
        state = 'seek'
        entered = now
      }
      last = now
      await new Promise((resolve) => setTimeout(resolve, TICK_MS))
    }
  } finally {
    source.close()
  }
  if (state === 'stall') outcome.stalledMs += performance.now() - entered
  return outcome
}
