import { describe, expect, jest, test } from '@jest/globals'
import { Fault } from '../../../common/errors.ts'
import type { Title } from '../../../common/title.ts'
import { isTriedId } from '../../../sources/free-films.ts'
import { LookUp, type LookUpOptions } from '../../../sources/lists/look-up.ts'
import { createSourceLists } from '../../../sources/lists/numbered-source-lists.ts'
import type { ProviderCall } from '../../../sources/providers/shared/questions.ts'
import type { Source, SourceProvider } from '../../../sources/source.ts'
import { nearParser } from '../../support/names.ts'
import { eventually } from '../../support/wait.ts'
import { fakeIndex, fakeProvider, film, handClock, magnet, never, silent } from '../fakes.ts'

/** What answers at once does so within it on any machine. */
const LONG_MS = 30_000
const LIST: LookUpOptions = {
  ...{ deadlineMs: LONG_MS, freshMs: 600_000, staleMs: 3_600_000 },
  relayed: false,
}

const pool = (...providers: SourceProvider[]) => poolWith(LONG_MS, ...providers)

/** @param timeoutMs so long a provider may take */
function poolWith(timeoutMs: number, ...providers: SourceProvider[]) {
  const clock = handClock()
  const asked: ProviderCall[] = []
  const lookUp = new LookUp({
    providers,
    clock,
    log: silent,
    timeoutMs,
    observe: (one) => asked.push(one),
  })
  const list = async (more: Partial<LookUpOptions> = {}) =>
    (await lookUp.all(film, { ...LIST, ...more }, never)).map(({ sources }) => sources?.length)
  return { clock, asked, lookUp, list }
}

/** Answers when it is told to. */
function slowProvider(name: string) {
  const answers: ((sources: readonly Source[]) => void)[] = []
  const provider: SourceProvider = {
    name,
    authority: 'network',
    find: () => new Promise((resolve) => void answers.push(resolve)),
  }
  return { provider, answers }
}

describe('a list', () => {
  test('of a file of the library asks nobody else for it', async () => {
    const own = fakeProvider('owned', [magnet(1)], 'own')
    const others = fakeProvider('network', [magnet(2)], 'others')
    const { lookUp } = pool(own, others)
    const file = { type: 'movie', imdbId: 'tt9800000001' } as const
    const answers = await lookUp.all(file, LIST, never)
    expect(answers.map(({ provider }) => provider.name)).toEqual(['own'])
    expect([own.asked, others.asked]).toEqual([1, 0])
    await lookUp.all(film, LIST, never)
    expect([own.asked, others.asked]).toEqual([2, 1])
  })

  test('of a torrent that was tried asks only who made its id, which is asked for nothing else', async () => {
    const own = fakeProvider('owned', [], 'own')
    const others = fakeProvider('network', [magnet(2)], 'others')
    const tried = fakeProvider('network', [magnet(3)], 'tried')
    const mayKnow = ({ imdbId }: Title) => isTriedId(imdbId)
    const { lookUp } = pool(own, others, { ...tried, mayKnow })
    const title = { type: 'movie', imdbId: 'tt9700000001' } as const
    const answers = await lookUp.all(title, LIST, never)
    expect(answers.map(({ provider }) => provider.name)).toEqual(['own', 'tried'])
    await lookUp.all(film, LIST, never)
    expect([own.asked, others.asked, tried.asked]).toEqual([2, 1, 1])
  })

  test('has the answers that come in time, when one provider hangs and one sends garbage', async () => {
    const hanging = fakeProvider('network', [], 'hanging')
    hanging.answer = 'never'
    const broken = fakeProvider('network', [], 'broken')
    broken.answer = 'fail'
    const good = [1, 2, 3].map((n) => fakeProvider('network', [magnet(n)], `good ${n}`))
    const providers = [hanging, ...good, broken]
    const sourceLists = createSourceLists({
      parser: nearParser,
      providers,
      index: fakeIndex(),
      clock: handClock(),
      log: silent,
      listDeadlineMs: 1000,
      lookupTimeoutMs: 60_000,
      listCacheMs: 0,
    })
    const first = await sourceLists.list(film, never)
    expect(first.sources.map(({ label }) => label)).toEqual(['release 1', 'release 2', 'release 3'])
    expect(first.failed).toEqual(['hanging', 'broken'])
    // The next one does not wait for it again: with a minute to wait it would time out here.
    const next = await createSourceListsAgain(sourceLists)
    expect(next.sources).toHaveLength(3)
    expect([hanging.asked, broken.asked, ...good.map((one) => one.asked)]).toEqual([1, 1, 1, 1, 1])
    sourceLists.close()

    function createSourceListsAgain(same: typeof sourceLists) {
      const timers = jest.spyOn(globalThis, 'setTimeout')
      return same.list(film, never).finally(() => {
        expect(timers).not.toHaveBeenCalled()
        timers.mockRestore()
      })
    }
  })

  test('caches many small answers or few large ones: memory is bounded', async () => {
    const large = fakeProvider(
      'network',
      Array.from({ length: 500 }, (_, n) => ({ ...magnet(n), label: 'x'.repeat(250) })),
      'large',
    )
    const small = fakeProvider('network', [magnet(1)], 'small')
    const { lookUp } = pool(large, small)
    const titles = Array.from({ length: 100 }, (_, n) => ({
      ...film,
      imdbId: `tt${1_000_000 + n}`,
    }))
    for (const title of titles) await lookUp.all(title, LIST, never)
    for (const title of titles.slice(-50)) await lookUp.all(title, LIST, never)
    expect([large.asked, small.asked]).toEqual([100, 100])
    for (const title of titles.slice(0, 10)) await lookUp.all(title, LIST, never)
    expect(large.asked).toBe(110)
  })

  test('has an answer that came too late the next time', async () => {
    const late = slowProvider('late')
    const { list, lookUp } = pool(late.provider, fakeProvider('network', [magnet(1)]))
    expect(await list({ deadlineMs: 1000 })).toEqual([undefined, 1])
    late.answers[0]?.([magnet(2), magnet(3)])
    await eventually('the late answer', async () => (await list())[0] === 2)
    expect(late.answers).toHaveLength(1)
    lookUp.close()
  })

  test('gives a stale answer at once and asks again in the background', async () => {
    const net = fakeProvider('network', [magnet(1)])
    const { clock, list } = pool(net)
    await list()
    net.sources = [magnet(1), magnet(2)]
    clock.now += 599_000
    expect(await list()).toEqual([1])
    expect(net.asked).toBe(1)
    clock.now += 2000
    expect(await list()).toEqual([1])
    expect(net.asked).toBe(2)
    await eventually('the newer answer', async () => (await list())[0] === 2)
    clock.now += 3_600_001
    net.sources = []
    expect(await list()).toEqual([0])
  })

  test('keeps the stale answer when asking again fails', async () => {
    const net = fakeProvider('network', [magnet(1)])
    const { clock, list } = pool(net)
    await list()
    net.answer = 'fail'
    clock.now += 700_000
    expect(await list()).toEqual([1])
    expect(await list()).toEqual([1])
    expect(net.asked).toBe(2)
  })

  test('an empty answer is fresh for a minute', async () => {
    const net = fakeProvider('network', [])
    const { clock, list } = pool(net)
    await list()
    clock.now += 59_000
    await list()
    expect(net.asked).toBe(1)
    clock.now += 2000
    net.sources = [magnet(1)]
    expect(await list()).toEqual([1])
  })

  test('that another addon asks for asks no addon', async () => {
    const other = { ...fakeProvider('network', [magnet(1)], 'other'), relays: true }
    const { list } = pool(other, fakeProvider('network', [magnet(2), magnet(3)]))
    expect(await list({ relayed: true })).toEqual([2])
    expect(await list()).toEqual([1, 2])
  })

  test('asks each provider once, whoever asks', async () => {
    const late = slowProvider('late')
    const { list, lookUp } = pool(late.provider)
    const lists = Array.from({ length: 50 }, () => list({ deadlineMs: LONG_MS }))
    const plays = Array.from({ length: 50 }, () => list({ deadlineMs: LONG_MS, staleMs: 0 }))
    await eventually('the question', () => late.answers.length === 1)
    late.answers[0]?.([magnet(1)])
    expect(new Set((await Promise.all([...lists, ...plays])).flat())).toEqual(new Set([1]))
    expect(late.answers).toHaveLength(1)
    lookUp.close()
  })
})

describe('a provider that fails', () => {
  const plays = { freshMs: 60_000, staleMs: 0, deadlineMs: LONG_MS }

  test('five times in a row is not asked for a time, and is logged', async () => {
    const net = fakeProvider('network', [magnet(1)])
    net.answer = 'fail'
    const { list, asked } = pool(net)
    for (let n = 0; n < 8; n++) expect(await list(plays)).toEqual([undefined])
    expect(net.asked).toBe(5)
    expect(asked.map(({ outcome }) => outcome)).toEqual([
      ...Array(5).fill('failed'),
      ...Array(3).fill('resting'),
    ])
  })

  test('four times is still asked, and counts anew after an answer', async () => {
    const net = fakeProvider('network', [magnet(1)])
    const { list, clock } = pool(net)
    for (let round = 0; round < 3; round++) {
      net.answer = 'fail'
      for (let n = 0; n < 4; n++) await list(plays)
      net.answer = 'now'
      clock.now += 61_000
      expect(await list(plays)).toEqual([1])
      clock.now += 61_000
    }
    expect(net.asked).toBe(15)
  })

  test('that says for how long it must not be asked is not asked', async () => {
    const net = fakeProvider('network')
    const told = new Fault('UPSTREAM_FAILED', { retryAfterSeconds: 120 })
    const angry = {
      ...net,
      find: async () => {
        await net.find(film, never)
        throw told
      },
    }
    const { list, clock } = pool(angry)
    await list(plays)
    clock.now += 119_000
    await list(plays)
    expect(net.asked).toBe(1)
    clock.now += 2000
    await list(plays)
    expect(net.asked).toBe(2)
  })

  test('has failed after its timeout, and its work is aborted', async () => {
    const ended = Promise.withResolvers<void>()
    const hanging: SourceProvider = {
      name: 'hanging',
      authority: 'network',
      find: (_title, signal) =>
        new Promise((_, reject) => {
          signal.addEventListener('abort', () => {
            ended.resolve()
            reject(signal.reason)
          })
        }),
    }
    const { list, asked } = poolWith(200, hanging)
    expect(await list({ deadlineMs: 10 })).toEqual([undefined])
    await ended.promise
    await eventually('an outcome', () => asked.length === 1)
    expect(asked[0]).toMatchObject({ provider: 'hanging', outcome: 'failed' })
  })
})

test('a source of a provider that is not set up any more is not listed, but still plays', async () => {
  const index = fakeIndex()
  const deps = { index, clock: handClock(), log: silent }
  const gone = fakeProvider('network', [magnet(1)], 'gone')
  const kept = fakeProvider('network', [magnet(2)], 'kept')
  await createSourceLists({ parser: nearParser, ...deps, providers: [gone, kept] }).list(
    film,
    never,
  )
  const sourceLists = createSourceLists({ parser: nearParser, ...deps, providers: [kept] })
  expect((await sourceLists.list(film, never)).sources.map(({ listed }) => listed)).toEqual([
    false,
    true,
  ])
  expect(await sourceLists.resolve(film, 0, undefined, never)).toMatchObject({ label: 'release 1' })
})
