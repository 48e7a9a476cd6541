import { describe, expect, test } from '@jest/globals'
import { NotAsked } from '../../../../sources/providers/shared/not-asked.ts'
import { RememberedAnswers } from '../../../../sources/providers/shared/remembered-answers.ts'
import { handClock, never } from '../../fakes.ts'

const SECOND = 1000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE

function stage(maxBytes = 10_000) {
  const clock = handClock()
  const isEmpty = (answer: readonly string[]): boolean => answer.length === 0
  const answers = new RememberedAnswers<readonly string[]>({ clock, maxBytes, isEmpty })
  const says = { now: ['film'] as readonly string[] | Error }
  let asked = 0
  const ask = (question = 'q') =>
    answers.ask(question, never, async () => {
      asked++
      if (says.now instanceof Error) throw says.now
      return says.now
    })
  const failing = (question?: string) =>
    ask(question).then(
      () => 'answered',
      () => 'failed',
    )
  return { clock, says, ask, failing, asked: () => asked }
}

describe('equal questions', () => {
  test('are one, a hundred at once and a hundred in a row', async () => {
    const { ask, asked } = stage()
    const all = await Promise.all(Array.from({ length: 100 }, () => ask()))
    for (let n = 0; n < 100; n++) all.push(await ask())
    expect(new Set(all.flat())).toEqual(new Set(['film']))
    expect(asked()).toBe(1)
  })

  test.each([
    ['an answer', ['film'], 6 * HOUR],
    ['an empty answer', [], 10 * MINUTE],
    ['a failure', new Error('down'), MINUTE],
    ['what was not asked for a reason of ours', new NotAsked('deferred', 'budget'), 5 * SECOND],
    ['what rests', new NotAsked('resting', 'down'), MINUTE],
  ])('%s is remembered as long as it is worth', async (_, said, ms) => {
    const { clock, says, failing, asked } = stage()
    says.now = said
    await failing()
    clock.now += ms - 1
    await failing()
    expect(asked()).toBe(1)
    clock.now += 1
    await failing()
    expect(asked()).toBe(2)
  })

  test.each([new Error('down'), new NotAsked('deferred', 'budget')])(
    'have their old answer where the new one does not come: %s',
    async (failure) => {
      const { clock, says, ask, asked } = stage()
      await ask()
      clock.now += 7 * HOUR
      says.now = failure
      expect(await ask()).toEqual(['film'])
      expect(await ask()).toEqual(['film'])
      expect(asked()).toBe(2)
      says.now = ['newer']
      clock.now += MINUTE
      expect(await ask()).toEqual(['newer'])
    },
  )

  test('are remembered within a number of bytes, whatever is asked and answered', async () => {
    const { says, failing, asked } = stage(10_000)
    const question = (n: number) => `${n}${'x'.repeat(n % 3 === 0 ? 900 : 9)}`
    for (let n = 0; n < 200; n++) {
      says.now = n % 2 === 0 ? [`${'film'.repeat(n)}`] : new Error('down')
      await failing(question(n))
    }
    for (let n = 0; n < 200; n++) await failing(question(n))
    expect(asked()).toBeGreaterThan(300)
    await failing(question(199))
    expect(asked()).toBeLessThanOrEqual(400)
  })
})

test('who leaves ends a question that nobody else waits for, and nothing is remembered of it', async () => {
  const { clock } = stage()
  const isEmpty = () => false
  const answers = new RememberedAnswers<string>({ clock, maxBytes: 1000, isEmpty })
  const gone = new AbortController()
  const ended = Promise.withResolvers<string>()
  const first = answers.ask(
    'q',
    gone.signal,
    (signal) =>
      new Promise((_, reject) => {
        signal.addEventListener('abort', () => {
          ended.resolve('ended')
          reject(signal.reason)
        })
      }),
  )
  gone.abort(new Error('left'))
  await expect(first).rejects.toThrow('left')
  expect(await ended.promise).toBe('ended')
  expect(await answers.ask('q', never, async () => 'found')).toBe('found')
})
