import { at, element, say } from './dom.js'
import { milliseconds, share } from './format.js'
import { counted, words } from './words.js'

const { starts: told, from: places } = words.status
/** The bar of the slowest fills the width; of the others this much is seen at least. */
const LEAST = 6

let drawn = ''

function standstill({ stalls, stalledMs }) {
  if (stalls === 0) return ''
  return ` · ${counted(told.stalled, stalls, { time: milliseconds(stalledMs) })}`
}

/** What the bar shows, in words; steps of no time are not worth one. */
function stepWords({ steps }) {
  const long = steps.filter(({ ms }) => ms >= 0.95)
  return (long.length > 0 ? long : steps)
    .map(({ step, ms }) => `${told[step] ?? step} ${milliseconds(ms)}`)
    .join(', ')
}

function row(start, slowest) {
  const item = element('li')
  const head = element('div', '', 'heading')
  head.append(
    element('strong', milliseconds(start.ms)),
    element('span', `${places[start.from] ?? start.from}${standstill(start)}`, 'soft small'),
  )
  const bar = element('div', '', 'timeline')
  bar.setAttribute('aria-hidden', 'true')
  bar.style.width = `${Math.max(LEAST, share(start.ms, slowest))}%`
  for (const { step, ms } of start.steps) {
    const part = element('span')
    part.dataset.step = step
    part.title = `${told[step] ?? step}: ${milliseconds(ms)}`
    part.style.flexGrow = String(ms)
    bar.append(part)
  }
  item.append(head, bar, element('div', stepWords(start), 'soft small'))
  return item
}

/** The last starts, newest first, each with the steps it took: what was played is not said. */
export function showStarts(starts) {
  const now = JSON.stringify(starts)
  if (now === drawn) return
  drawn = now
  say('starts-note', starts.length === 0 ? told.none : '')
  at('starts-legend').hidden = starts.length === 0
  const slowest = Math.max(...starts.map(({ ms }) => ms))
  at('starts').replaceChildren(...starts.toReversed().map((start) => row(start, slowest)))
}
