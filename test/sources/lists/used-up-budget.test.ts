import { describe, expect, test } from '@jest/globals'
import { createSourceLists } from '../../../sources/lists/numbered-source-lists.ts'
import { Questions } from '../../../sources/providers/shared/questions.ts'
import type { SourceProvider } from '../../../sources/source.ts'
import { nearParser } from '../../support/names.ts'
import { fakeIndex, fakeProvider, film, handClock, magnet, never, silent } from '../fakes.ts'

const MINUTE = 60_000
const other = (n: number) => ({ ...film, imdbId: `tt${1_000_000 + n}` })

function stage(...more: readonly SourceProvider[]) {
  const clock = handClock()
  const net = fakeProvider('network', [magnet(1), magnet(2)])
  const questions = new Questions({ clock, log: silent, perMinute: 10 })
  const deps = { index: fakeIndex(), clock, log: silent, providers: [...more, net], questions }
  const sourceLists = createSourceLists({ ...deps, parser: nearParser, listCacheMs: 0 })
  const list = (title = film, address = 'a') => sourceLists.list(title, never, false, address)
  const labels = async () => (await list()).sources.map(({ label, listed }) => [label, listed])
  const useUp = async (): Promise<void> => {
    for (let n = 0; n < 30; n++) await list(other(n), `b${n}`).catch(() => undefined)
  }
  return { clock, net, sourceLists, list, labels, useUp }
}

const BOTH = [
  ['release 1', true],
  ['release 2', true],
]

describe('a list of what is known already, when the budget is used up', () => {
  test('is the stale answer, at once and whole', async () => {
    const { clock, net, list, labels, useUp } = stage()
    await list()
    clock.now += 11 * MINUTE
    await useUp()
    const asked = net.asked
    expect(await labels()).toEqual(BOTH)
    expect((await list()).failed).toEqual([])
    expect(net.asked).toBe(asked)
  })

  test('is the numbered list where no answer is remembered any more, and is marked incomplete', async () => {
    const { clock, net, list, labels, useUp } = stage()
    await list()
    net.sources = [magnet(3), magnet(1)]
    clock.now += 120 * MINUTE
    await useUp()
    expect(await labels()).toEqual(BOTH)
    expect((await list()).failed).toEqual(['net'])
    const asked = net.asked
    // As soon as there is budget again the provider is asked, and no number has moved.
    clock.now += 61_000
    expect(await labels()).toEqual([
      ['release 1', true],
      ['release 2', false],
      ['release 3', true],
    ])
    expect(net.asked).toBe(asked + 1)
  })

  test('of a title that nobody knows is asked for again after five seconds', async () => {
    const { clock, net, list, useUp } = stage()
    await useUp()
    const asked = net.asked
    await expect(list(other(99))).rejects.toMatchObject({ code: 'PROVIDERS_FAILED' })
    clock.now += 55_000
    await expect(list(other(99))).rejects.toMatchObject({ code: 'PROVIDERS_FAILED' })
    expect(net.asked).toBe(asked)
    clock.now += 5001
    expect((await list(other(99))).sources).toHaveLength(2)
  })
})

describe('a play of what nobody knows yet, when the budget is used up', () => {
  const hasCode = (code: string) => expect.objectContaining({ code })

  test('is a 503, not a 404, however much the catalogue says; and plays once there is budget', async () => {
    const { clock, net, list, useUp, sourceLists } = stage(fakeProvider('owned', []))
    await list()
    await useUp()
    const asked = net.asked
    const play = (number = 0) => sourceLists.resolve(other(99), number, undefined, never)
    await expect(play()).rejects.toEqual(hasCode('PROVIDERS_FAILED'))
    expect(net.asked).toBe(asked)
    // "Auto" asks for the list: it hears of it, also while the provider is not tried again.
    for (const _ of [1, 2])
      expect(await list(other(98))).toMatchObject({ sources: [], deferred: true })
    // What is known plays all the while.
    expect((await list()).sources).toHaveLength(2)
    expect(await sourceLists.resolve(film, 1, undefined, never)).toMatchObject({ number: 1 })
    clock.now += 61_000
    expect(await play()).toMatchObject({ number: 0 })
    await expect(play(7)).rejects.toEqual(hasCode('UNKNOWN_SOURCE'))
  })

  test('is a 404 where one provider was asked, and does not know it', async () => {
    const free = { ...fakeProvider('network', [], 'free'), requests: 0 }
    const { sourceLists, useUp } = stage(free)
    await useUp()
    await expect(sourceLists.resolve(other(99), 0, undefined, never)).rejects.toEqual(
      hasCode('UNKNOWN_TITLE'),
    )
  })
})
