import { describe, expect, test } from '@jest/globals'
import { createTurns } from '../../../player/jobs/turns.ts'

const forever = new AbortController().signal
const never = () => {
  throw new Error('was asked to give way')
}

describe('turns', () => {
  test('first come first served, and nobody slips in between', async () => {
    const turns = createTurns({ max: 1, waitingMax: 5 })
    const first = await turns.take(forever, never)
    const order: string[] = []
    const second = turns.take(forever, never).then((turn) => {
      order.push('second')
      return turn
    })
    first.release()
    first.release()
    const third = turns.take(forever, never).then(() => order.push('third'))
    expect(turns.running).toBe(1)
    ;(await second).release()
    await third
    expect(order).toEqual(['second', 'third'])
    expect([turns.running, turns.waiting]).toEqual([1, 0])
  })

  test('too many waiting: refused with a time to come back', async () => {
    const turns = createTurns({ max: 1, waitingMax: 1 })
    await turns.take(forever, never)
    void turns.take(forever, never)
    await expect(turns.take(forever, never)).rejects.toMatchObject({
      code: 'TOO_MANY_ARRIVALS',
      details: { retryAfterSeconds: 10 },
    })
    expect(turns.waiting).toBe(1)
  })

  test('who leaves the queue is not served', async () => {
    const turns = createTurns({ max: 1, waitingMax: 5 })
    const first = await turns.take(forever, never)
    const gone = new AbortController()
    const left = turns.take(gone.signal, never)
    gone.abort(new Error('left'))
    await expect(left).rejects.toThrow('left')
    await expect(turns.take(gone.signal, never)).rejects.toThrow('left')
    first.release()
    expect([turns.running, turns.waiting]).toEqual([0, 0])
  })

  test('an idle turn is asked back once for each who waits, whichever comes first', async () => {
    const turns = createTurns({ max: 2, waitingMax: 5 })
    const asked: string[] = []
    const a = await turns.take(forever, () => asked.push('a'))
    const b = await turns.take(forever, () => asked.push('b'))
    a.idle(true)
    expect(asked).toEqual([])
    const c = turns.take(forever, never)
    expect(asked).toEqual(['a'])
    b.idle(true)
    b.idle(false)
    b.idle(true)
    expect(asked).toEqual(['a'])
    const d = turns.take(forever, never)
    expect(asked).toEqual(['a', 'b'])
    a.release()
    b.release()
    await Promise.all([c, d])
    expect([turns.running, turns.waiting, turns.max]).toEqual([2, 0, 2])
  })

  test('one that became idle while somebody waits is asked at once', async () => {
    const turns = createTurns({ max: 1, waitingMax: 5 })
    let asked = 0
    const a = await turns.take(forever, () => asked++)
    void turns.take(forever, never)
    expect(asked).toBe(0)
    a.idle(true)
    expect(asked).toBe(1)
  })
})
