import { afterEach, describe, expect, jest, test } from '@jest/globals'
import { FilmThread, isTooCostly } from '../../../media/thread/film-thread.ts'
import { FilmThreads } from '../../../media/thread/film-threads.ts'
import { filmBytes } from '../../support/films/make-film.ts'
import { eventually } from '../../support/wait.ts'

const entry = (name: string): URL =>
  new URL(`../../support/film-threads/${name}.ts`, import.meta.url)
const noise = filmBytes(Buffer.alloc(1000))
const PROBE = { kind: 'probe', size: 1000 } as const
const { signal } = new AbortController()
const REFUSED = { code: 'MEDIA_UNREADABLE' }

let threads: FilmThreads | undefined
afterEach(() => threads?.close())

describe('a thread that hostile bytes hold is ended, and its job with it', () => {
  test('who has left meanwhile is told so too, for the film is to be remembered', async () => {
    const thread = new FilmThread({ entry: entry('endless'), jobMs: 1000 })
    const leaving = new AbortController()
    const run = thread.run({ job: PROBE, film: noise, signal: leaving.signal })
    leaving.abort(new Error('gone'))
    expect(isTooCostly(await run.catch((error: unknown) => error))).toBe(true)
  })

  test.each([
    ['endless', 'computes for ever'],
    ['hungry', 'takes memory without end'],
  ])('%s: it %s', async (name) => {
    const thread = new FilmThread({ entry: entry(name), jobMs: 2000 })
    await expect(thread.run({ job: PROBE, film: noise, signal })).rejects.toMatchObject(REFUSED)
    expect(thread.isEnded).toBe(true)
    await thread.end()
  })

  test('the next job has another thread', async () => {
    threads = new FilmThreads({ entry: entry('endless'), jobMs: 1000, max: 1 })
    for (let n = 0; n < 2; n++) {
      await expect(threads.run(PROBE, noise, { signal })).rejects.toMatchObject(REFUSED)
    }
  })
})

test('what lies outside of the file is not read, and the thread is told so', async () => {
  const thread = new FilmThread({ entry: entry('lying'), jobMs: 2000 })
  const bytes = filmBytes(Buffer.alloc(1000))
  // It goes on with an answer that has no shape of ours: media.ts refuses that.
  expect(await thread.run({ job: PROBE, film: bytes, signal })).toEqual({ anything: true })
  expect(bytes.counts.read).toBe(0)
  await thread.end()
})

test('waiting for bytes is no computing: a film that arrives slowly keeps its thread', async () => {
  const thread = new FilmThread({ jobMs: 5000 })
  const slow = {
    size: 1000,
    read: () => ({
      read: (into: Buffer) =>
        new Promise<number>((resolve) => setTimeout(() => resolve(into.length), 6000)),
      close() {},
    }),
  }
  await expect(thread.run({ job: PROBE, film: slow, signal })).rejects.toMatchObject({
    ...REFUSED,
    message: expect.stringContaining('neither MKV'),
  })
  await thread.end()
})

test('a thread that has ended is asked nothing any more', async () => {
  const thread = new FilmThread({ jobMs: 5000 })
  await thread.end()
  await expect(thread.run({ job: PROBE, film: noise, signal })).rejects.toMatchObject(REFUSED)
})

test('at most so many at once: the rest wait, and who leaves the queue is gone', async () => {
  threads = new FilmThreads({ max: 1 })
  const first = threads.run(PROBE, noise, { signal })
  const leaving = new AbortController()
  const second = threads.run(PROBE, noise, { signal: leaving.signal })
  const left = expect(second).rejects.toThrow('gone')
  leaving.abort(new Error('gone'))
  await left
  await expect(first).rejects.toMatchObject(REFUSED)
})

test('what the reader of films says of a file that strangers made is not said in our place', async () => {
  const written: string[] = []
  const spies = [process.stdout, process.stderr].map((stream) =>
    jest.spyOn(stream, 'write').mockImplementation((text) => written.push(String(text)) > 0),
  )
  const thread = new FilmThread({ entry: entry('talking') })
  try {
    expect(await thread.run({ job: PROBE, film: noise, signal })).toBe('said')
    await thread.end()
  } finally {
    for (const spy of spies) spy.mockRestore()
  }
  expect(written.filter((text) => text.includes('foreign'))).toEqual([])
})

/** Beyond what a usual job reads. */
const MUCH = 36 << 20

/** A film whose bytes beyond `from` do not come before `gate` has opened; tells where it was read. */
function gatedFilm(from: number, gate: Promise<void>) {
  const film = {
    size: 64 << 20,
    reached: 0,
    read: ({ start }: { start: number }) => ({
      async read(into: Buffer) {
        film.reached = start
        if (start >= from) await gate
        return into.length
      },
      close() {},
    }),
  }
  return film
}

test('jobs that read much are few at once, and of one address one', async () => {
  threads = new FilmThreads({ entry: entry('greedy'), max: 6 })
  const gate = Promise.withResolvers<void>()
  const films = Array.from({ length: 6 }, () => gatedFilm(MUCH, gate.promise))
  const addresses = ['a', 'a', 'a', 'b', 'b', 'c']
  const jobs = films.map((film, n) => threads?.run(PROBE, film, { signal, address: addresses[n] }))
  const deep = () => films.flatMap((film, n) => (film.reached >= MUCH ? [addresses[n]] : []))
  const waiting = () => films.filter(({ reached }) => reached >= 31 << 20).length
  await eventually('two read much', () => deep().length === 2 && waiting() === 6)
  expect(new Set(deep()).size).toBe(2)
  gate.resolve()
  expect(await Promise.all(jobs)).toEqual(films.map(() => 40 << 20))
})

test('who leaves while waiting to read much is out of the queue', async () => {
  threads = new FilmThreads({ entry: entry('greedy'), max: 4 })
  const gate = Promise.withResolvers<void>()
  const [first, second] = [gatedFilm(MUCH, gate.promise), gatedFilm(MUCH, gate.promise)]
  const goesOn = threads.run(PROBE, first, { signal, address: 'a' })
  await eventually('the first reads much', () => first.reached >= MUCH)
  const leaving = new AbortController()
  const leaves = threads.run(PROBE, second, { signal: leaving.signal, address: 'a' })
  const left = expect(leaves).rejects.toThrow('gone')
  await eventually('the second waits', () => second.reached >= 31 << 20)
  leaving.abort(new Error('gone'))
  await left
  gate.resolve()
  expect(await goesOn).toBe(40 << 20)
  const third = gatedFilm(MUCH, gate.promise)
  expect(await threads.run(PROBE, third, { signal, address: 'a' })).toBe(40 << 20)
})
