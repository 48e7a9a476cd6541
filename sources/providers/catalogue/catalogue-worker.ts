// Reads one catalogue's text in a thread that can be ended (catalogue-parser.ts), and hands its titles
// over in parts, each when it is asked for: so many at once would hold the main thread.

import { parentPort, workerData } from 'node:worker_threads'
import { parseCatalogue } from './catalogue-format.ts'

const TITLES_AT_ONCE = 200
/** More are no help; each is a line of the log, and a hostile text has millions. */
const MOST_PROBLEMS = 1000

const { titles, problems } = parseCatalogue(workerData)
let sent = 0

function hand(): void {
  const part = titles.slice(sent, sent + TITLES_AT_ONCE)
  sent += part.length
  const isLast = sent >= titles.length
  const rest = isLast ? { problems: problems.slice(0, MOST_PROBLEMS) } : {}
  parentPort?.postMessage({ titles: part, ...rest })
  if (isLast) parentPort?.close()
}

parentPort?.on('message', hand)
hand()
