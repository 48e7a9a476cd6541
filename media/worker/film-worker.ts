// The one place that reads what is in films, which strangers made: in a thread that can be ended
// (thread/film-thread.ts), and that has no settings, no sockets and no files.

import { parentPort } from 'node:worker_threads'
import { Unplayable } from '../film/unplayable.ts'
import { doJob } from './jobs.ts'
import { PortBytes } from './port-bytes.ts'
import type { FromWorker, Job, ToWorker } from './protocol.ts'

const port = parentPort
if (!port) throw new Error('this is a worker')

/** Elements of one array: of a film of eight hours, whose sound has the most. */
const MOST_ELEMENTS = 1_350_000
/** Bytes of one text. */
const MOST_TEXT = 1 << 20

/**
 * A thread that has no memory left is given 16 MiB to end in, and where it asks for more than that at once, V8 ends the
 * whole process. An array asks for one and a half times what it has, and those of the library grow with the counts that a
 * file names: 1.5 KB of MP4 would end the server. A text that is split asks for eight times its length. So neither grows so
 * far that it would ask for more.
 */
function boundGrowth(): void {
  const { push } = Array.prototype
  Array.prototype.push = function bounded(this: unknown[], ...items): number {
    if (this.length >= MOST_ELEMENTS) throw new Unplayable('The index of this file is too long.')
    return push.apply(this, items)
  }
  const { decode } = TextDecoder.prototype
  TextDecoder.prototype.decode = function bounded(bytes, options): string {
    if (bytes && bytes.byteLength > MOST_TEXT) throw new Error('no text of a film is so long')
    return decode.call(this, bytes, options)
  }
}

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
boundGrowth()
say({ kind: 'ready' })
