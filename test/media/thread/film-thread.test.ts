import { afterEach, describe, expect, test } from '@jest/globals'
import { FilmThread } from '../../../media/thread/film-thread.ts'
import { FilmThreads } from '../../../media/thread/film-threads.ts'
import { filmBytes } from '../../support/films/make-film.ts'

const entry = (name: string): URL =>
  new URL(`../../support/film-threads/${name}.ts`, import.meta.url)
const noise = filmBytes(Buffer.alloc(1000))
const PROBE = { kind: 'probe', size: 1000 } as const
const { signal } = new AbortController()
const REFUSED = { code: 'MEDIA_UNREADABLE' }

let threads: FilmThreads | undefined
afterEach(() => threads?.close())

describe('a thread that hostile bytes hold is ended, and its job with it', () => {
  test.each([
    ['endless', 'computes for ever'],
    ['hungry', 'takes memory without end'],
  ])('%s: it %s', async (name) => {
    const thread = new FilmThread({ entry: entry(name), jobMs: 2000 })
    await expect(thread.run(PROBE, noise, signal)).rejects.toMatchObject(REFUSED)
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
  expect(await thread.run(PROBE, bytes, signal)).toEqual({ anything: true })
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
  await expect(thread.run(PROBE, slow, signal)).rejects.toMatchObject({
    ...REFUSED,
    message: expect.stringContaining('neither MKV'),
  })
  await thread.end()
})

test('a thread that has ended is asked nothing any more', async () => {
  const thread = new FilmThread({ jobMs: 5000 })
  await thread.end()
  await expect(thread.run(PROBE, noise, signal)).rejects.toMatchObject(REFUSED)
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
