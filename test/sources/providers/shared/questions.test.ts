import { describe, expect, test } from '@jest/globals'
import { Fault } from '../../../../common/errors.ts'
import { Owners } from '../../../../common/permits/owners.ts'
import { refusal } from '../../../../sources/providers/shared/foreign-answer.ts'
import { NotAsked } from '../../../../sources/providers/shared/not-asked.ts'
import {
  type Provider,
  type ProviderCall,
  Questions,
} from '../../../../sources/providers/shared/questions.ts'
import { eventually } from '../../../support/wait.ts'
import { handClock, never, silent } from '../../fakes.ts'

const indexer: Provider = { name: 'indexer', host: 'indexer.example', requests: 2 }
const addon: Provider = { name: 'addon', host: 'addon.example', requests: 1 }

const of = (...addresses: string[]): Owners => {
  const owners = new Owners()
  for (const address of addresses) owners.add(address)
  return owners
}

function stage(perMinute?: number) {
  const clock = handClock()
  const calls: ProviderCall[] = []
  const observe = (call: ProviderCall): void => void calls.push(call)
  const questions = new Questions({
    clock,
    log: silent,
    observe,
    ...(perMinute === undefined ? {} : { perMinute }),
  })
  const ask = (
    provider = indexer,
    owners = of('a'),
    work: (signal: AbortSignal) => Promise<string> = async () => 'answer',
  ): Promise<string> =>
    questions.ask(provider, owners, never, work).catch((error: unknown) => {
      if (error instanceof NotAsked) return error.why
      return error instanceof Error ? error.message : 'failed'
    })
  const outcomes = () => calls.map(({ outcome }) => outcome)
  return { clock, ask, outcomes, troubles: () => Object.fromEntries(questions.troubles()) }
}

/** Answers one by one, when it is told to. */
function slow() {
  const running: (() => void)[] = []
  const asked: string[] = []
  const work = (name: string) => (signal: AbortSignal) =>
    new Promise<string>((resolve, reject) => {
      asked.push(name)
      running.push(() => resolve(name))
      signal.addEventListener('abort', () => reject(signal.reason))
    })
  const answerAll = async (count: number): Promise<void> => {
    for (let n = 0; n < count; n++) {
      await eventually('a question', () => running.length > 0)
      running.shift()?.()
    }
  }
  return { asked, work, answerAll }
}

describe('questions to one host', () => {
  test.each([75, 200, 1000])('are four at once; %i of them open no breaker', async (count) => {
    const { ask, outcomes } = stage()
    const server = slow()
    const all = Array.from({ length: count }, (_, n) => ask(indexer, of('a'), server.work(`${n}`)))
    const next = await Promise.all([
      Promise.all(all),
      server.answerAll(4 + 32), // at once, and waiting of one address
      eventually('four of them', () => server.asked.length >= 4),
    ])
    expect(next[0].filter((said) => said === 'deferred')).toHaveLength(count - 36)
    expect(new Set(outcomes())).toEqual(new Set(['answered', 'deferred']))
    expect(await ask()).toBe('answer')
  })

  test('are of each address in turn', async () => {
    const { ask } = stage()
    const server = slow()
    const many = Array.from({ length: 40 }, (_, n) => ask(indexer, of('a'), server.work(`a${n}`)))
    const one = ask(indexer, of('b'), server.work('b'))
    await eventually('the first four', () => server.asked.length === 4)
    await server.answerAll(37)
    expect(await one).toBe('b')
    expect(server.asked.indexOf('b')).toBe(4)
    await Promise.all(many)
  })

  test('of an address with more than its share give way when another waits long', async () => {
    const { ask, outcomes } = stage()
    const server = slow()
    const many = Array.from({ length: 4 }, (_, n) => ask(indexer, of('a'), server.work(`a${n}`)))
    await eventually('all of them', () => server.asked.length === 4)
    const one = ask(indexer, of('b'), async () => 'b')
    expect(await one).toBe('b')
    await server.answerAll(4)
    // Whichever had its permit long enough first.
    const said = await Promise.all(many)
    expect(said.filter((answer) => answer === 'deferred')).toHaveLength(1)
    expect(said.filter((answer, n) => answer === `a${n}`)).toHaveLength(3)
    expect(outcomes().filter((outcome) => outcome === 'failed')).toEqual([])
  })

  test('are of another host at the same time', async () => {
    const { ask } = stage()
    const server = slow()
    const all = Array.from({ length: 5 }, () => ask(indexer, of('a'), server.work('x')))
    expect(await ask(addon)).toBe('answer')
    await server.answerAll(5)
    await Promise.all(all)
  })
})

describe('the budget of a minute', () => {
  test('is left half by one address, and half of that by the next', async () => {
    const { ask } = stage(120)
    const answersTo = async (address: string) => {
      let answers = 0
      for (let n = 0; n < 200; n++) if ((await ask(indexer, of(address))) === 'answer') answers++
      return answers
    }
    expect([await answersTo('a'), await answersTo('b'), await answersTo('c')]).toEqual([30, 15, 8])
    expect(await ask(addon, of('a'))).toBe('answer')
  })

  test('is never gone beyond, within any minute', async () => {
    const { ask, clock } = stage(20)
    const answered: number[] = []
    for (let second = 0; second < 300; second++) {
      clock.now += 1000
      for (const address of ['a', 'b', 'c', 'd', 'e', 'f']) {
        if ((await ask(indexer, of(address))) === 'answer') answered.push(clock.now)
      }
    }
    for (const at of answered) {
      const within = answered.filter((other) => other > at - 60_000 && other <= at)
      expect(within.length * indexer.requests).toBeLessThanOrEqual(20)
    }
    expect(answered.length).toBeGreaterThan(40)
  })

  test('is all for everybody where addresses are not counted', async () => {
    const { ask, outcomes } = stage(10)
    for (let n = 0; n < 8; n++) await ask(indexer, of())
    expect(outcomes()).toEqual([...Array(5).fill('answered'), ...Array(3).fill('deferred')])
  })

  test('is not spent by what was not asked after all', async () => {
    const { ask, outcomes } = stage(10)
    const unnamed = () =>
      ask(indexer, of('a'), () => Promise.reject(new NotAsked('deferred', 'no name')))
    for (let n = 0; n < 20; n++) await unnamed()
    expect(await ask()).toBe('answer')
    expect(outcomes().filter((outcome) => outcome === 'failed')).toEqual([])
  })
})

describe('a provider that is really down', () => {
  const down = () => Promise.reject(new Error('down'))

  test('rests after five failures, longer each time, and is asked once in between', async () => {
    const { ask, clock, outcomes } = stage()
    for (let n = 0; n < 8; n++) await ask(indexer, of('a'), down)
    expect(outcomes()).toEqual([...Array(5).fill('failed'), ...Array(3).fill('resting')])
    clock.now += 30_001
    expect(await ask(indexer, of('a'), down)).toBe('down')
    clock.now += 30_001
    expect(await ask()).toBe('resting')
    clock.now += 30_001
    const server = slow()
    const trial = ask(indexer, of('a'), server.work('up'))
    await eventually('the trial', () => server.asked.length === 1)
    expect(await ask()).toBe('resting')
    await server.answerAll(1)
    expect(await trial).toBe('up')
    expect(await ask()).toBe('answer')
  })

  test('is not thought to be up because we held its trial back', async () => {
    const { ask, clock } = stage()
    for (let n = 0; n < 5; n++) await ask(indexer, of('a'), down)
    clock.now += 30_001
    const deferred = () => Promise.reject(new NotAsked('deferred', 'no name'))
    expect(await ask(indexer, of('a'), deferred)).toBe('deferred')
    expect(await ask(indexer, of('a'), down)).toBe('down')
    expect(await ask()).toBe('resting')
  })

  test('that says how long is left alone so long', async () => {
    const { ask, clock } = stage()
    const told = new Fault('UPSTREAM_FAILED', { retryAfterSeconds: 120 })
    await ask(indexer, of('a'), () => Promise.reject(told))
    clock.now += 119_000
    expect(await ask()).toBe('resting')
    clock.now += 1001
    expect(await ask()).toBe('answer')
  })

  test.each([403, 429])('is told, with its %i and when it is asked again', async (status) => {
    const { ask, clock, troubles } = stage()
    expect(troubles()).toEqual({})
    const saysNo = (headers: Record<string, string>) => () =>
      Promise.reject(refusal({ status, headers, body: Buffer.alloc(0) }))
    await ask(indexer, of('a'), saysNo({ 'retry-after': '120' }))
    await ask(addon)
    expect(troubles()).toEqual({ indexer: { status, seconds: 120 } })
    clock.now += 100_000
    // What is not asked meanwhile changes nothing.
    await ask()
    expect(troubles()).toEqual({ indexer: { status, seconds: 20 } })
    clock.now += 20_001
    expect(troubles()).toEqual({ indexer: { status, seconds: 0 } })
    await ask()
    expect(troubles()).toEqual({})
    // Without Retry-After it rests after five of them.
    for (let n = 1; n <= 5; n++) {
      await ask(indexer, of('a'), saysNo({}))
      expect(troubles()).toEqual({ indexer: { status, seconds: n < 5 ? 0 : 30 } })
    }
    clock.now += 30_001
    await ask(indexer, of('a'), down)
    expect(troubles()).toEqual({ indexer: { seconds: 60 } })
  })
})
