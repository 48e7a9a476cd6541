import type { CacheIndex, StoredValue } from '../../cache/index/cache-index.ts'
import type { Clock } from '../../common/clock.ts'
import { createLog } from '../../common/log.ts'
import type { Title } from '../../common/title.ts'
import type { Source, SourceProvider } from '../../sources/source.ts'

export const silent = createLog('silent')('sources')
export const film: Title = { type: 'movie', imdbId: 'tt1254207' }
export const never = new AbortController().signal

export interface HandClock extends Clock {
  now: number
}
export function handClock(): HandClock {
  const clock = { now: 1_700_000_000_000, wall: () => clock.now, steady: () => clock.now }
  return clock
}

/** Only the values of an index; each value goes through JSON, as it would over a wire. */
export interface FakeIndex extends CacheIndex {
  readonly values: Map<string, StoredValue<unknown>>
  readonly writes: { name: string; ttlMs: number }[]
  down: boolean
  /** Runs between a reader's read and its write. */
  beforeWrite: (() => void) | undefined
}

export function fakeIndex(): FakeIndex {
  const values = new Map<string, StoredValue<unknown>>()
  const guard = (): void => {
    if (index.down) throw new Error('the backend is down')
  }
  const index = {
    values,
    writes: [] as FakeIndex['writes'],
    down: false,
    beforeWrite: undefined as FakeIndex['beforeWrite'],
    async readValue(name: string) {
      guard()
      return values.get(name)
    },
    async writeValue(name: string, value: unknown, expected: number, ttlMs: number) {
      guard()
      const hook = index.beforeWrite
      index.beforeWrite = undefined
      hook?.()
      if ((values.get(name)?.revision ?? 0) !== expected) return false
      values.set(name, { value: JSON.parse(JSON.stringify(value)), revision: expected + 1 })
      index.writes.push({ name, ttlMs })
      return true
    },
  }
  return index as unknown as FakeIndex
}

export interface FakeProvider extends SourceProvider {
  sources: readonly Source[]
  asked: number
  answer: 'now' | 'fail' | 'never'
}

export function fakeProvider(
  authority: SourceProvider['authority'],
  sources: readonly Source[] = [],
  name = authority === 'owned' ? 'catalogue' : 'net',
): FakeProvider {
  const provider: FakeProvider = {
    name,
    authority,
    sources,
    asked: 0,
    answer: 'now',
    async find() {
      provider.asked++
      if (provider.answer === 'fail') throw new Error('no')
      if (provider.answer === 'never') return new Promise<never>(() => undefined)
      return provider.sources.map((source) => ({ ...source, provider: name }))
    },
  }
  return provider
}

const hash = (n: number): string => n.toString(16).padStart(40, '0')
export const magnet = (n: number, trackers: readonly string[] = []): Source => ({
  locator: { kind: 'magnet', infoHash: hash(n), trackers, webSeeds: [] },
  selector: {},
  provider: 'net',
  label: `release ${n}`,
})
export const localFile = (path: string): Source => ({
  locator: { kind: 'path', path: `/srv/films/${path}` },
  selector: {},
  provider: 'catalogue',
  identity: `path:${path}`,
})
