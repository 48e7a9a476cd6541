import { at, element, figure, say } from './dom.js'
import { size } from './format.js'
import { createStrip } from './strip.js'
import { speedLine } from './waiting-words.js'

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

const HOW_SEEN = {
  token: 'Names are shown with the admin token only.',
  machine: 'Names are shown on the machine it runs on only.',
  nobody: 'Names are shown to nobody while ADMIN_TOKEN is not set.',
}

export function showArrivals({ stats, arrivals, access, adminBy }) {
  const { running, max, waiting, bytesPerSecond } = stats.arrivals
  figure('arrivals-figure', `${size(bytesPerSecond)}/s`, 'coming in')
  say('arrivals-note', `${running} of ${max} running, ${waiting} waiting`)
  const hint = running === 0 ? 'Nothing is arriving now.' : HOW_SEEN[adminBy]
  say('arrivals-hint', access === 'all' && arrivals.length > 0 ? '' : hint)
  const list = at('arrivals')
  const shown = new Set()
  for (const arrival of arrivals ?? []) {
    shown.add(arrival.key)
    const row = rows.get(arrival.key) ?? createRow()
    if (!rows.has(arrival.key)) list.append(row.item)
    rows.set(arrival.key, row)
    row.name.textContent = arrival.name || 'a file without a name'
    row.note.textContent = speedLine(arrival)
    row.strip.show(arrival)
  }
  for (const [key, row] of rows) {
    if (shown.has(key)) continue
    row.item.remove()
    rows.delete(key)
  }
}
