import { describe, expect, test } from '@jest/globals'
import { SingleFlight } from '../../common/single-flight.ts'

/** Work that a test ends by hand, and what was started of it. */
function handWork() {
  const started: { end: PromiseWithResolvers<string>; signal: AbortSignal }[] = []
  const work = (signal: AbortSignal): Promise<string> => {
    const end = Promise.withResolvers<string>()
    signal.addEventListener('abort', () => end.reject(signal.reason))
    started.push({ end, signal })
    return end.promise
  }
  return { started, work }
}

describe('one piece of work per key', () => {
  test('callers of one key share a result, another key has work of its own', async () => {
    const flights = new SingleFlight<string>({ whenAbandoned: 'abort' })
    const { started, work } = handWork()
    const all = [
      flights.join('a', undefined, work),
      flights.join('a', new AbortController().signal, work),
      flights.join('b', undefined, work),
    ]
    expect(started).toHaveLength(2)
    started[0]?.end.resolve('first')
    started[1]?.end.resolve('second')
    expect(await Promise.all(all)).toEqual(['first', 'first', 'second'])
    expect(started[0]?.signal.aborted).toBe(false)
  })

  test('a failure is shared too, and the next caller starts anew', async () => {
    const flights = new SingleFlight<string>({ whenAbandoned: 'finish' })
    const { started, work } = handWork()
    const both = [flights.join('a', undefined, work), flights.join('a', undefined, work)]
    started[0]?.end.reject(new Error('failed'))
    for (const one of both) await expect(one).rejects.toThrow('failed')
    const next = flights.join('a', undefined, work)
    started[1]?.end.resolve('now')
    expect(await next).toBe('now')
  })
})

describe('a caller who leaves', () => {
  test('ends only its own waiting', async () => {
    const flights = new SingleFlight<string>({ whenAbandoned: 'abort' })
    const { started, work } = handWork()
    const leaving = new AbortController()
    const left = flights.join('a', leaving.signal, work)
    const stays = flights.join('a', undefined, work)
    leaving.abort(new Error('left'))
    await expect(left).rejects.toThrow('left')
    expect(started[0]?.signal.aborted).toBe(false)
    started[0]?.end.resolve('done')
    expect(await stays).toBe('done')
  })

  test('abort: the last one ends the work, and the next caller does not join what is ending', async () => {
    const flights = new SingleFlight<string>({ whenAbandoned: 'abort' })
    const { started, work } = handWork()
    const leaving = new AbortController()
    const left = flights.join('a', leaving.signal, work)
    leaving.abort(new Error('left'))
    await expect(left).rejects.toThrow('left')
    expect(started[0]?.signal.aborted).toBe(true)
    const next = flights.join('a', undefined, work)
    started[1]?.end.resolve('anew')
    expect(await next).toBe('anew')
  })

  test('finish: the work runs on for whoever asks next', async () => {
    const flights = new SingleFlight<string>({ whenAbandoned: 'finish' })
    const { started, work } = handWork()
    const leaving = new AbortController()
    const left = flights.join('a', leaving.signal, work)
    leaving.abort(new Error('left'))
    await expect(left).rejects.toThrow('left')
    const next = flights.join('a', undefined, work)
    started[0]?.end.resolve('kept')
    expect([await next, started.length]).toEqual(['kept', 1])
  })

  test('who has left before asking starts nothing', async () => {
    const flights = new SingleFlight<string>({ whenAbandoned: 'finish' })
    const { started, work } = handWork()
    const gone = AbortSignal.abort(new Error('gone'))
    await expect(flights.join('a', gone, work)).rejects.toThrow('gone')
    expect(started).toEqual([])
  })
})

test('close() aborts what runs and refuses who comes later', async () => {
  const flights = new SingleFlight<string>({ whenAbandoned: 'finish' })
  const { work } = handWork()
  const running = flights.join('a', undefined, work)
  flights.close(new Error('closed'))
  await expect(running).rejects.toThrow('closed')
  await expect(flights.join('b', undefined, work)).rejects.toThrow('closed')
})
