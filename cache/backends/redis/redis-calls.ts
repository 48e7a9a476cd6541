import { createHash } from 'node:crypto'
import type { RedisClient } from './redis-client.ts'
import { withTimeout } from './with-timeout.ts'

type Words = readonly (string | number)[]

/** A Lua script, sent by its hash when Redis knows it. */
export interface Script {
  readonly lua: string
  readonly sha: string
}

export const script = (lua: string): Script => ({
  lua,
  sha: createHash('sha1').update(lua).digest('hex'),
})

/** What a call tells about Redis, whatever it was for. */
export type Outcome = { readonly kind: 'fine' | 'slow' } | { readonly kind: 'failed'; why: string }

export interface RedisCalls {
  /** One round trip. @throws Error that names neither the command nor its arguments */
  send(command: string, args: Words): Promise<unknown>
  /** A key that holds another type than ours is deleted, and the script run again on nothing. */
  run(script: Script, keys: readonly string[], args: Words): Promise<unknown>
  /** Sent although Redis may be out of use, behind what was sent before; nobody waits for it. */
  tell(script: Script, keys: readonly string[], args: Words): void
}

/**
 * A play asks several times before its first byte, and may come at most 500 ms later for it. One call
 * that runs out of time, or two in a row that are slow (redis-link.ts), end the use of Redis: 480 ms.
 */
const TIMEOUT_MS = 240
const SLOW_MS = 100
export const NO_ANSWER = `no answer within ${TIMEOUT_MS} ms`
export const SLOW_ANSWERS = `answers took more than ${SLOW_MS} ms`

/** Errors that are about one call's keys or script; every other one is about Redis. */
const OF_THE_CALL = /^(ERR|WRONGTYPE|NOSCRIPT)\b/

export const textOf = (error: unknown): string =>
  error instanceof Error ? error.message : String(error)

const isOfTheCall = (error: unknown): boolean =>
  error instanceof Error && error.name === 'ReplyError' && OF_THE_CALL.test(error.message)

export function createRedisCalls(
  client: RedisClient,
  hear: (outcome: Outcome) => void,
): RedisCalls {
  async function send(command: string, args: Words): Promise<unknown> {
    let kind: 'fine' | 'slow' = 'fine'
    const onSlow = () => {
      kind = 'slow'
    }
    try {
      const sent = client.send(command, args)
      const reply = await withTimeout(sent, { slowMs: SLOW_MS, timeoutMs: TIMEOUT_MS, onSlow })
      hear({ kind })
      return reply
    } catch (error) {
      const why = textOf(error)
      hear(isOfTheCall(error) ? { kind } : { kind: 'failed', why: client.trouble ?? why })
      // A new error: ioredis puts the command and its arguments (source lists, passwords) on its own.
      throw new Error(`Redis: ${why}`)
    }
  }

  async function evaluate({ lua, sha }: Script, keys: readonly string[], args: Words) {
    try {
      return await send('EVALSHA', [sha, keys.length, ...keys, ...args])
    } catch (error) {
      // Redis forgets scripts when it restarts, is emptied or fails over.
      if (!textOf(error).includes('NOSCRIPT')) throw error
      return send('EVAL', [lua, keys.length, ...keys, ...args])
    }
  }

  return {
    send,
    tell({ lua }, keys, args) {
      client.send('EVAL', [lua, keys.length, ...keys, ...args]).catch(() => {})
    },
    async run(what, keys, args) {
      try {
        return await evaluate(what, keys, args)
      } catch (error) {
        if (!textOf(error).includes('WRONGTYPE')) throw error
        await send('DEL', keys)
        return evaluate(what, keys, args)
      }
    },
  }
}
