import type { Fault } from '../../../common/errors.ts'
import { FilmThread } from '../../../media/thread/film-thread.ts'
import { filmBytes } from './make-film.ts'

/** What a thread says whose job had to be ended. */
export async function endedJob(): Promise<Fault> {
  const entry = new URL('../film-threads/endless.ts', import.meta.url)
  const thread = new FilmThread({ entry, jobMs: 500 })
  const { signal } = new AbortController()
  const job = { kind: 'probe', size: 10 } as const
  return thread.run({ job, film: filmBytes(Buffer.alloc(10)), signal }).then(
    () => Promise.reject(new Error('it ended')),
    (fault: Fault) => fault,
  )
}
