import { at, element, say } from './dom.js'
import { counted, number, words } from './words.js'

const { reached: often, none, ...names } = words.operator.shares

/** @param limits of a line of api/live; undefined: nothing is counted */
export function showShares(limits) {
  at('shares-card').hidden = !limits
  if (!limits) return
  const { figures, reached } = limits
  const times = Object.values(reached).reduce((sum, count) => sum + count, 0)
  say('shares-note', times === 0 ? none : '')
  const lines = Object.entries(names).map(([kind, name]) => {
    const count = reached[kind] ?? 0
    const figure = number(figures[kind])
    return [name, count === 0 ? figure : `${figure}, ${counted(often, count)}`]
  })
  const shown = JSON.stringify(lines)
  if (at('shares').dataset.shown === shown) return
  at('shares').dataset.shown = shown
  at('shares').replaceChildren(
    ...lines.flatMap(([name, value]) => [element('dt', name), element('dd', value)]),
  )
}
