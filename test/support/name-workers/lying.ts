// A worker of names that answers with what was not asked, as its name says.
import { parentPort } from 'node:worker_threads'

const lies: Readonly<Record<string, (id: number) => unknown>> = {
  text: () => 'what?',
  other: (id) => ({ id: id + 1, answers: [{}] }),
  none: (id) => ({ id, answers: [] }),
  shape: (id) => ({ id, answers: [{ tokens: 7, hdr: 'all' }] }),
  more: (id) => ({ id, answers: [null, { title: 'x' }, {}, {}] }),
}
parentPort?.on('message', ({ id, names }: { id: number; names: string[] }) => {
  parentPort?.postMessage(lies[names[0] ?? '']?.(id))
})
parentPort?.postMessage('ready')
