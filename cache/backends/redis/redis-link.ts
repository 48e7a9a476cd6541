import { randomBytes } from 'node:crypto'
import type { Clock } from '../../../common/clock.ts'
import type { Log } from '../../../common/log.ts'
import {
  createRedisCalls,
  NO_ANSWER,
  type Outcome,
  type RedisCalls,
  SLOW_ANSWERS,
  script,
  textOf,
} from './redis-calls.ts'
import type { RedisClient } from './redis-client.ts'

/** Redis as the index uses it: while it is not `up` every call is refused at once. */
export interface RedisLink extends RedisCalls {
  readonly up: boolean
  /** Resolves when it is up, or has not come up in the time a start may wait for it. */
  readonly tried: Promise<void>
  close(): void
}

export interface RedisLinkDeps {
  readonly client: RedisClient
  /** Key of the pulse; lost with everything else when Redis is emptied. */
  readonly pulseKey: string
  readonly clock: Clock
  readonly log: Log
  /** It is up; `lost`: it was away or emptied meanwhile, so it may lack what it was told. */
  readonly onUp: (lost: boolean) => void
}

const SLOW_IN_A_ROW = 2
const PULSE_MS = 1000
const PULSE_WHEN_DOWN_MS = 250
const PULSE_AT_START_MS = 20
const START_MS = 500
/** A host gone without a word leaves a connection that looks alive for a quarter of an hour. */
const RECONNECT_AFTER = 4
/** Who goes down again and again has to prove itself longer, until it was up for this time. */
const STEADY_MS = 30_000
const MOST_PROOFS = 32

/**
 * A write a second tells a Redis that is full, read-only or the master no more from one that works;
 * the value tells whether what is behind the address is still what it was (emptied, restored, another).
 */
const PULSE = script(`
local epoch = redis.call('GET', KEYS[1]) or ARGV[1]
redis.call('SET', KEYS[1], epoch)
return epoch`)

/** Up or down, and what is said of it: one line a change. */
function createState({ clock, log, onUp }: RedisLinkDeps) {
  const began = clock.steady()
  let up = false
  let why = 'not connected yet'
  let said: 'up' | 'down' | undefined
  let slow = 0
  let proofs = 0
  let proofsNeeded = 1
  let upSince = 0

  const starting = (): boolean => said === undefined && clock.steady() - began < START_MS

  function down(reason: string): void {
    why = reason
    proofs = 0
    if (up) {
      const steady = clock.steady() - upSince > STEADY_MS
      proofsNeeded = steady ? 1 : Math.min(proofsNeeded * 2, MOST_PROOFS)
    }
    up = false
    if (said === 'down' || starting()) return
    said = 'down'
    log.warn({ reason }, 'Redis cannot be used: this node goes on alone')
  }

  return {
    starting,
    down,
    get up() {
      return up
    },
    get why() {
      return why
    },
    heard(outcome: Outcome): void {
      slow = outcome.kind === 'slow' ? slow + 1 : 0
      if (outcome.kind === 'failed') down(outcome.why)
      else if (slow >= SLOW_IN_A_ROW) down(SLOW_ANSWERS)
    },
    /** A pulse came back; a slow one proves nothing. */
    proved(): void {
      proofs = slow === 0 ? proofs + 1 : 0
      if (up || proofs < proofsNeeded) return
      const lost = said === 'down'
      up = true
      upSince = clock.steady()
      if (lost) log.info('Redis can be used again')
      said = 'up'
      onUp(lost)
    },
    close(): void {
      up = false
      why = 'closed'
      said = 'down' // what goes wrong from here on is nobody's business
    },
  }
}

export function createRedisLink(deps: RedisLinkDeps): RedisLink {
  const { client, log, onUp } = deps
  const state = createState(deps)
  const calls = createRedisCalls(client, state.heard)
  const tried = Promise.withResolvers<void>()
  let timer: NodeJS.Timeout | undefined
  let closed = false
  let epoch: string | undefined
  let unanswered = 0

  async function pulse(): Promise<void> {
    const fresh = randomBytes(8).toString('hex')
    try {
      const found = String(await calls.run(PULSE, [deps.pulseKey], [fresh]))
      unanswered = 0
      const emptied = epoch !== undefined && epoch !== found
      epoch = found
      if (state.up && emptied) {
        log.warn('Redis lost what it held: it is told again')
        onUp(true)
      }
      state.proved()
    } catch (error) {
      const text = textOf(error)
      state.down(client.trouble ?? text)
      unanswered = text.includes(NO_ANSWER) ? unanswered + 1 : 0
      if (unanswered > 0 && unanswered % RECONNECT_AFTER === 0) client.reconnect()
    }
  }

  async function beat(): Promise<void> {
    await pulse()
    if (!state.starting()) tried.resolve()
    if (closed) return
    const whenDown = state.starting() ? PULSE_AT_START_MS : PULSE_WHEN_DOWN_MS
    timer = setTimeout(() => void beat(), state.up ? PULSE_MS : whenDown)
  }
  void beat()

  const whenUp = <T>(call: () => Promise<T>): Promise<T> =>
    state.up ? call() : Promise.reject(new Error(`Redis cannot be used: ${state.why}`))

  return {
    get up() {
      return state.up
    },
    send: (command, args) => whenUp(() => calls.send(command, args)),
    run: (what, keys, args) => whenUp(() => calls.run(what, keys, args)),
    tell: calls.tell,
    tried: tried.promise,
    close() {
      closed = true
      clearTimeout(timer)
      state.close()
      tried.resolve()
      client.close()
    },
  }
}
