import { element } from './dom.js'

/**
 * A list whose rows stay: each item is shown in the row of its key, so nothing flickers and no button is
 * taken away under a finger.
 * @template Row
 * @param {HTMLElement} list
 * @param {{ key(item: object): string | number, make(item: object): Row & { item: HTMLElement }, show(row: Row, item: object): void }} how
 * @returns {(items: readonly object[]) => void}
 */
export function createRows(list, { key, make, show }) {
  const rows = new Map()
  return (items) => {
    const shown = new Set()
    items.forEach((item, i) => {
      const name = key(item)
      shown.add(name)
      const row = rows.get(name) ?? make(item)
      rows.set(name, row)
      show(row, item)
      if (list.children[i] !== row.item) list.insertBefore(row.item, list.children[i] ?? null)
    })
    for (const [name, row] of rows) {
      if (shown.has(name)) continue
      row.item.remove()
      rows.delete(name)
    }
  }
}

/** A row of a name, a note and buttons. */
export function row(...buttons) {
  const item = element('li')
  const what = element('div', '', 'what')
  // By itself: text that runs from right to left does not reorder what stands beside it.
  const name = element('bdi', '', 'name')
  const note = element('div', '', 'soft small')
  const actions = element('div', '', 'buttons')
  what.append(name, note)
  actions.append(...buttons)
  item.append(what, actions)
  return { item, name, note }
}
