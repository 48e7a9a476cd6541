import { at, element, say } from './dom.js'

/** What each figure counts; the address has as many within that time. */
const NAMES = {
  lists: 'Lists a minute',
  searches: 'Searches a minute',
  states: 'Looks a minute at how far plays are',
  coldStarts: 'Cold starts in ten minutes',
  streams: 'Plays at once',
  live: 'Status pages at once',
  connections: 'Connections at once',
}

/** @param limits of a line of api/live; undefined: nothing is counted */
export function showShares(limits) {
  at('shares-card').hidden = !limits
  if (!limits) return
  const { figures, reached } = limits
  const times = Object.values(reached).reduce((sum, count) => sum + count, 0)
  say('shares-note', times === 0 ? 'Nobody has reached one so far.' : '')
  const lines = Object.entries(NAMES).map(([kind, name]) => {
    const count = reached[kind] ?? 0
    return [name, count === 0 ? `${figures[kind]}` : `${figures[kind]}, reached ${count} times`]
  })
  const shown = JSON.stringify(lines)
  if (at('shares').dataset.shown === shown) return
  at('shares').dataset.shown = shown
  at('shares').replaceChildren(
    ...lines.flatMap(([name, value]) => [element('dt', name), element('dd', value)]),
  )
}
