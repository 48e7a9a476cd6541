// The one place that reads what is in films, which strangers made: in a thread that can be ended
// (thread/film-thread.ts), and that has no settings, no sockets and no files.

import { parentPort } from 'node:worker_threads'
import { Unplayable } from '../film/unplayable.ts'
import { doJob } from './jobs.ts'
import { PortBytes } from './port-bytes.ts'
import type { FromWorker, Job, ToWorker } from './protocol.ts'

const port = parentPort
if (!port) throw new Error('this is a worker')

const say = (message: FromWorker): void => port.postMessage(message)
let bytes: PortBytes | undefined

async function run(job: Job): Promise<void> {
  const size = 'size' in job ? job.size : 0
  const own = new PortBytes(port as NonNullable<typeof port>, size)
  bytes = own
  try {
    const result = await doJob(job, own)
    // Nothing of it is used here any more, so it is handed over and not copied.
    const handed = result instanceof Uint8Array ? [result.buffer as ArrayBuffer] : []
    port?.postMessage({ kind: 'done', result } satisfies FromWorker, handed)
  } catch (error) {
    say({ kind: 'failed', why: error instanceof Unplayable ? error.message : undefined })
  }
}

port.on('message', (message: ToWorker) => {
  if ('job' in message) void run(message.job)
  else bytes?.take(message)
})
say({ kind: 'ready' })
