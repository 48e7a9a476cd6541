import { at, element, figure, say } from './dom.js'
import { rate } from './format.js'
import { createStrip } from './strip.js'
import { speedLine } from './waiting-words.js'
import { fill, words } from './words.js'

/** Rows by content key: a row that stays is written over, so nothing flickers. */
const rows = new Map()

function createRow() {
  const item = element('li')
  const name = element('bdi', '', 'name')
  const note = element('div', '', 'soft small')
  const strip = createStrip()
  item.append(name, strip.canvas, note)
  return { item, name, note, strip }
}

const told = words.status.arrivals
const HOW_SEEN = { token: told.byToken, machine: told.byMachine, nobody: told.byNobody }

export function showArrivals({ stats, arrivals, access, adminBy }) {
  const { running, max, waiting, bytesPerSecond } = stats.arrivals
  figure('arrivals-figure', rate(bytesPerSecond), told.comingIn)
  say('arrivals-note', fill(told.running, { running, max, waiting }))
  const hint = running === 0 ? told.none : HOW_SEEN[adminBy]
  say('arrivals-hint', access === 'all' && arrivals.length > 0 ? '' : hint)
  const list = at('arrivals')
  const shown = new Set()
  for (const arrival of arrivals ?? []) {
    shown.add(arrival.key)
    const row = rows.get(arrival.key) ?? createRow()
    if (!rows.has(arrival.key)) list.append(row.item)
    rows.set(arrival.key, row)
    row.name.textContent = arrival.name || told.unnamed
    row.note.textContent = speedLine(arrival)
    row.strip.show(arrival)
  }
  for (const [key, row] of rows) {
    if (shown.has(key)) continue
    row.item.remove()
    rows.delete(key)
  }
}
