import { describe, expect, test } from '@jest/globals'
import { Permits } from '../../../common/permits/permits.ts'

const forever = new AbortController().signal
const never = () => {
  throw new Error('was asked to give way')
}

describe('permits', () => {
  test('first come first served, and nobody slips in between', async () => {
    const permits = new Permits({ max: 1, waitingMax: 5 })
    const first = await permits.acquire(forever, never)
    const order: string[] = []
    const second = permits.acquire(forever, never).then((permit) => {
      order.push('second')
      return permit
    })
    first.release()
    first.release()
    const third = permits.acquire(forever, never).then(() => order.push('third'))
    expect(permits.running).toBe(1)
    ;(await second).release()
    await third
    expect(order).toEqual(['second', 'third'])
    expect([permits.running, permits.waiting]).toEqual([1, 0])
  })

  test('too many waiting: refused with a time to come back', async () => {
    const permits = new Permits({ max: 1, waitingMax: 1 })
    await permits.acquire(forever, never)
    void permits.acquire(forever, never)
    await expect(permits.acquire(forever, never)).rejects.toMatchObject({
      code: 'TOO_MANY_ARRIVALS',
      details: { retryAfterSeconds: 10 },
    })
    expect(permits.waiting).toBe(1)
  })

  test('who leaves the queue is not served', async () => {
    const permits = new Permits({ max: 1, waitingMax: 5 })
    const first = await permits.acquire(forever, never)
    const gone = new AbortController()
    const left = permits.acquire(gone.signal, never)
    gone.abort(new Error('left'))
    await expect(left).rejects.toThrow('left')
    await expect(permits.acquire(gone.signal, never)).rejects.toThrow('left')
    first.release()
    expect([permits.running, permits.waiting]).toEqual([0, 0])
  })

  test('an idle permit is asked back once for each who waits, whichever comes first', async () => {
    const permits = new Permits({ max: 2, waitingMax: 5 })
    const asked: string[] = []
    const a = await permits.acquire(forever, () => asked.push('a'))
    const b = await permits.acquire(forever, () => asked.push('b'))
    a.setIdle(true)
    expect(asked).toEqual([])
    const c = permits.acquire(forever, never)
    expect(asked).toEqual(['a'])
    b.setIdle(true)
    b.setIdle(false)
    b.setIdle(true)
    expect(asked).toEqual(['a'])
    const d = permits.acquire(forever, never)
    expect(asked).toEqual(['a', 'b'])
    a.release()
    b.release()
    await Promise.all([c, d])
    expect([permits.running, permits.waiting, permits.max]).toEqual([2, 0, 2])
  })

  test('one that became idle while somebody waits is asked at once', async () => {
    const permits = new Permits({ max: 1, waitingMax: 5 })
    let asked = 0
    const a = await permits.acquire(forever, () => asked++)
    void permits.acquire(forever, never)
    expect(asked).toBe(0)
    a.setIdle(true)
    expect(asked).toBe(1)
  })
})
