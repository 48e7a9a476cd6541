import { describe, expect, jest, test } from '@jest/globals'
import { Owners } from '../../../common/permits/owners.ts'
import { evenShare, type Permit, Permits } from '../../../common/permits/permits.ts'
import { eventually } from '../../player/fakes.ts'

const forever = new AbortController().signal
const nobody = () => {
  throw new Error('was asked to give way')
}

function ownersOf(...addresses: string[]): Owners {
  const owners = new Owners()
  for (const address of addresses) owners.add(address)
  return owners
}

/** What each caller comes to, in the order in which it happens: its name, or its name with what befell it. */
function room(permits: Permits) {
  const events: string[] = []
  const held = new Map<string, Permit>()
  const ask = (name: string, owners: Owners, signal = forever): void => {
    const onReclaim = () => {
      events.push(`${name} gives way`)
      held.get(name)?.release()
    }
    permits.acquire(signal, onReclaim, owners).then(
      (permit) => {
        events.push(name)
        held.set(name, permit)
      },
      (error) => events.push(`${name} ${error.code ?? error.message}`),
    )
  }
  const askAll = (names: readonly string[]): void => {
    for (const name of names) ask(name, ownersOf(name.slice(0, 1)))
  }
  const settle = () => new Promise((resolve) => setImmediate(resolve))
  return { events, held, ask, askAll, settle, end: (name: string) => held.get(name)?.release() }
}

describe('who waits', () => {
  test.each([
    ['one that has many before', ['a1', 'a2', 'a3', 'a4', 'b1'], ['a1', 'b1', 'a2', 'a3', 'a4']],
    ['several in turn', ['a1', 'a2', 'b1', 'b2', 'c1', 'c2'], ['a1', 'b1', 'c1', 'a2', 'b2', 'c2']],
    ['nobody else', ['a1', 'a2', 'a3'], ['a1', 'a2', 'a3']],
  ])('addresses take turns: %s', async (_, asked, order) => {
    const permits = new Permits({ max: 1, waitingMax: 9, share: () => 9 })
    const { events, askAll, settle, end } = room(permits)
    askAll(['x0'])
    askAll(asked)
    await settle()
    for (const name of ['x0', ...order]) {
      end(name)
      await settle()
    }
    expect(events).toEqual(['x0', ...order])
    expect([permits.running, permits.waiting]).toEqual([0, 0])
  })

  test('the next is from who holds fewest', async () => {
    const permits = new Permits({ max: 3, waitingMax: 9, share: () => 9 })
    const { events, askAll, settle, end } = room(permits)
    askAll(['a1', 'a2', 'c1', 'a3', 'b1'])
    await settle()
    end('c1')
    await settle()
    expect(events).toEqual(['a1', 'a2', 'c1', 'b1'])
  })

  test('one address has so many places in the line', async () => {
    const permits = new Permits({ max: 1, waitingMax: 9, waitingEach: 2 })
    const { events, askAll, settle } = room(permits)
    askAll(['x0', 'a1', 'a2', 'a3', 'b1'])
    await settle()
    expect(events).toEqual(['x0', 'a3 TOO_MANY_ARRIVALS'])
    expect(permits.waiting).toBe(3)
  })

  test('in a full line who has most of it makes place', async () => {
    const permits = new Permits({ max: 1, waitingMax: 4, share: () => 9 })
    const { events, askAll, settle, end } = room(permits)
    askAll(['x0', 'a1', 'a2', 'a3', 'b1', 'c1', 'd1', 'd2', 'e1'])
    await settle()
    expect(events.toSorted()).toEqual([
      'a2 TOO_MANY_ARRIVALS',
      'a3 TOO_MANY_ARRIVALS',
      'd2 TOO_MANY_ARRIVALS',
      'e1 TOO_MANY_ARRIVALS',
      'x0',
    ])
    for (const name of ['x0', 'a1', 'b1', 'c1', 'd1']) {
      end(name)
      await settle()
    }
    expect(events.slice(5)).toEqual(['a1', 'b1', 'c1', 'd1'])
  })
})

describe('what an address holds beyond its share', () => {
  test('goes to who has less, the newest first, and no more than that', async () => {
    const permits = new Permits({ max: 4, waitingMax: 9, share: evenShare })
    const { events, askAll, settle } = room(permits)
    askAll(['a1', 'a2', 'a3', 'a4', 'a5'])
    await settle()
    expect(events).toEqual(['a1', 'a2', 'a3', 'a4'])
    askAll(['b1', 'b2', 'b3'])
    await settle()
    expect(events.slice(4)).toEqual(['a4 gives way', 'a3 gives way', 'b1', 'b2'])
    askAll(['c1'])
    await settle()
    expect(permits.running).toBe(4)
    expect(events.slice(8)).toEqual(['a2 gives way', 'c1'])
  })

  test.each([
    ['half of them', 4, ['a1', 'a2', 'b1', 'b2']],
    ['the only one', 1, ['a1']],
    ['one of two', 2, ['a1', 'b1']],
  ])('%s it keeps', async (_, max, held) => {
    const permits = new Permits({ max, waitingMax: 9 })
    const { events, askAll, settle } = room(permits)
    askAll([...held, 'c1'])
    await settle()
    expect(events).toEqual(held)
  })

  test('is kept when others have it too, or nobody is counted', async () => {
    const permits = new Permits({ max: 2, waitingMax: 9 })
    const { events, ask, settle } = room(permits)
    ask('ab1', ownersOf('a', 'b'))
    ask('ab2', ownersOf('a', 'b'))
    ask('c1', ownersOf('c'))
    await settle()
    expect(events).toEqual(['ab1', 'ab2'])
    const uncounted = new Permits({ max: 2, waitingMax: 9 })
    const others = room(uncounted)
    for (const name of ['1', '2', '3']) others.ask(name, ownersOf())
    await settle()
    expect(others.events).toEqual(['1', '2'])
  })

  test('is left to it for a while, unless nobody waits any more', async () => {
    const permits = new Permits({ max: 2, waitingMax: 9, reclaimAfterMs: 50 })
    const { events, ask, askAll, settle } = room(permits)
    askAll(['a1', 'a2'])
    const gone = new AbortController()
    ask('b1', ownersOf('b'), gone.signal)
    await settle()
    expect(events).toEqual(['a1', 'a2'])
    gone.abort(new Error('left'))
    ask('c1', ownersOf('c'))
    await eventually('one gives way', () => events.includes('c1'))
    // Both were granted in one millisecond: which of them is due first is the clock's affair.
    expect(events.map((event) => event.replace('a1 gives', 'a2 gives'))).toEqual([
      ...['a1', 'a2', 'b1 left', 'a2 gives way', 'c1'],
    ])
  })

  test('is not left to it anew by asking anew: one of the others that is due goes at once', async () => {
    const permits = new Permits({ max: 3, waitingMax: 9, reclaimAfterMs: 60_000 })
    const { events, ask, askAll, settle, end } = room(permits)
    let now = 1
    const clock = jest.spyOn(performance, 'now').mockImplementation(() => now)
    askAll(['a1', 'a2', 'a3'])
    await settle()
    now += 60_000
    for (const [over, next] of [
      ['a3', 'a4'],
      ['a4', 'a5'],
    ] as const) {
      end(over)
      askAll([next])
      await settle()
    }
    events.length = 0
    ask('b1', ownersOf('b'))
    await settle()
    expect(events).toEqual(['a2 gives way', 'b1'])
    clock.mockRestore()
  })
})

test('one address leaves a permit to others, and its next waits for one of its own', async () => {
  const permits = new Permits({ max: 3, maxEach: 2, waitingMax: 5 })
  const [a, b] = [ownersOf('a'), ownersOf('b')]
  const first = await permits.acquire(forever, nobody, a)
  await permits.acquire(forever, nobody, a)
  const order: string[] = []
  const third = permits.acquire(forever, nobody, a).then(() => order.push('third of a'))
  expect([permits.running, permits.waiting]).toEqual([2, 1])
  expect(permits.tryAcquire(nobody, a)).toBeUndefined()
  const other = await permits.acquire(forever, nobody, b)
  other.release()
  await new Promise((resolve) => setImmediate(resolve))
  expect([permits.running, permits.waiting, order]).toEqual([2, 1, []])
  first.release()
  await third
  expect([permits.running, permits.waiting]).toEqual([2, 0])
})
