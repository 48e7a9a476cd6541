import { at, element } from './dom.js'

/** In the order of the line; what never happened is left out. */
const OUTCOMES = [
  ['answered', 'answered'],
  ['failed', 'failed'],
  ['resting', 'not asked while it rests'],
  ['deferred', 'held back'],
]

/** @param providers of a line of api/live: how often each outcome was, by name */
export function showProviders(providers) {
  const lines = Object.entries(providers).map(([name, counts]) => {
    const told = OUTCOMES.filter(([outcome]) => counts[outcome] > 0)
    return [name, told.map(([outcome, words]) => `${counts[outcome]} ${words}`).join(', ')]
  })
  at('providers-card').hidden = lines.length === 0
  at('providers-note').hidden = Object.values(providers).every(({ deferred }) => deferred === 0)
  const shown = JSON.stringify(lines)
  if (at('providers').dataset.shown === shown) return
  at('providers').dataset.shown = shown
  at('providers').replaceChildren(
    ...lines.flatMap(([name, value]) => [element('dt', name), element('dd', value)]),
  )
}
