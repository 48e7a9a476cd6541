// Reads one catalogue's text in a thread that can be ended (catalogue-parser.ts), and hands its titles
// over in parts, each when it is asked for: so many at once would hold the main thread.

import { parentPort, workerData } from 'node:worker_threads'
import { type DeclaredTitle, MOST_PROBLEMS, parseCatalogue } from './catalogue-format.ts'

/** Titles and what they name; of more than that a part holds one title only. */
const MOST_AT_ONCE = 500

const { titles, problems } = parseCatalogue(workerData)
let sent = 0

const weightOf = ({ sources, episodes, packs }: DeclaredTitle): number =>
  [...episodes.values()].reduce((sum, each) => sum + each.length, 1 + sources.length + packs.length)

function nextPart(): readonly DeclaredTitle[] {
  let weight = 0
  let end = sent
  for (const title of titles.slice(sent, sent + MOST_AT_ONCE)) {
    weight += weightOf(title)
    if (end > sent && weight > MOST_AT_ONCE) break
    end++
  }
  return titles.slice(sent, end)
}

function hand(): void {
  const part = nextPart()
  sent += part.length
  const isLast = sent >= titles.length
  const rest = isLast ? { problems: problems.slice(0, MOST_PROBLEMS) } : {}
  parentPort?.postMessage({ titles: part, ...rest })
  if (isLast) parentPort?.close()
}

parentPort?.on('message', hand)
hand()
