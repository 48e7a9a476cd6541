import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals'
import { type Attempt, firstToPlay } from '../../../player/auto/hedged.ts'
import { pass, stopTime } from '../../support/virtual-time.ts'

const never = new AbortController().signal
const plays: Attempt = async () => {}
const fails =
  (why: string): Attempt =>
  async () => {
    throw new Error(why)
  }

/** Waits until it is ended, and notes that. */
const hangs = (ended: string[], name: string): Attempt => {
  return (end) =>
    new Promise((_, reject) => {
      end.addEventListener('abort', () => {
        ended.push(name)
        reject(end.reason)
      })
    })
}

describe('the first to play', () => {
  beforeEach(stopTime)
  afterEach(() => void jest.useRealTimers())

  test('the first that answers at once is all that is started', async () => {
    const started: number[] = []
    const tries = [0, 1].map(
      (n): Attempt =>
        async () =>
          void started.push(n),
    )
    expect(await firstToPlay(tries, { hedgeDelayMs: 5, signal: never })).toBe(0)
    await pass(20)
    expect(started).toEqual([0])
  })

  test('beside a slow one the next is tried, and the slow one is ended when the other wins', async () => {
    const ended: string[] = []
    const won = firstToPlay([hangs(ended, 'a'), hangs(ended, 'b'), plays], {
      hedgeDelayMs: 5,
      signal: never,
    })
    await pass(10)
    expect([await won, ended]).toEqual([2, ['a', 'b']])
  })

  test('when all that run have failed the next begins at once', async () => {
    const won = await firstToPlay([fails('a'), fails('b'), plays], {
      hedgeDelayMs: 60_000,
      signal: never,
    })
    expect(won).toBe(2)
  })

  test('when none plays, why the best did not', async () => {
    const all = firstToPlay([fails('best'), fails('other')], { hedgeDelayMs: 5, signal: never })
    await expect(all).rejects.toThrow('best')
  })

  test('the viewer leaves: everything ends with the reason', async () => {
    const ended: string[] = []
    const gone = new AbortController()
    const all = firstToPlay([hangs(ended, 'a'), hangs(ended, 'b')], {
      hedgeDelayMs: 1,
      signal: gone.signal,
    })
    await pass(1)
    gone.abort(new Error('gone'))
    await expect(all).rejects.toThrow('gone')
    expect(ended).toEqual(['a', 'b'])
  })
})
