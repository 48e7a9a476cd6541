// Does one job on a film in a process of its own, which hostile bytes may end, and says what came of it.
// Arguments: the job as JSON, the film's path.

import { readFile } from 'node:fs/promises'
import { FilmThread } from '../../../media/thread/film-thread.ts'
import { filmBytes } from './make-film.ts'

const [, , job = '', path = ''] = process.argv
const bytes = await readFile(path)
const thread = new FilmThread()
const { signal } = new AbortController()
const outcome = await thread
  .run({ job: { ...JSON.parse(job), size: bytes.length }, film: filmBytes(bytes), signal })
  .catch((error: Error) => error.message)
await thread.end()
process.stdout.write(JSON.stringify(outcome))
