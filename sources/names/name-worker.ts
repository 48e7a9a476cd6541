// The one place that loads the parsers of names: some of their patterns are exponential, so they
// run in a thread that can be ended (worker-thread.ts).

import { parentPort, workerData } from 'node:worker_threads'
import { episodeMarks } from './episode-marks.ts'
import { readRelease } from './read-release.ts'
import { type Chunk, IDLE, READY } from './worker-protocol.ts'

/** Others wait for their turn: a chunk ends after the name in which it has taken this long. */
const SLICE_MS = 25

/** The name being read; the main thread looks at it, and ends this thread when it stays. */
const at: Int32Array = workerData

function read({ kind, torrent }: Chunk, name: string): unknown {
  try {
    return kind === 'release' ? readRelease(name) : episodeMarks(name, torrent)
  } catch {
    return null
  }
}

parentPort?.on('message', (chunk: Chunk) => {
  const end = performance.now() + SLICE_MS
  const answers: unknown[] = []
  for (const [index, name] of chunk.names.entries()) {
    Atomics.store(at, 0, index)
    answers.push(read(chunk, name))
    if (performance.now() > end) break
  }
  Atomics.store(at, 0, IDLE)
  parentPort?.postMessage({ id: chunk.id, answers })
})
// The patterns are compiled at their first uses: not at a viewer's first name.
readRelease('Some.Film.2010.1080p.WEB-DL.x264-GROUP.mkv')
episodeMarks('Season 1/Some Show - 05 Some Title.mkv', 'Some Show')
parentPort?.postMessage(READY)
