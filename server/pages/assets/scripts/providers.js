import { at, element } from './dom.js'
import { duration } from './format.js'

/** In the order of the line; what never happened is left out. */
const OUTCOMES = [
  ['answered', 'answered'],
  ['failed', 'failed'],
  ['resting', 'not asked while it rests'],
  ['deferred', 'held back'],
]

/** `last answer 429, asked again in 2 min` */
function inWords(trouble) {
  if (!trouble) return []
  const { status, seconds } = trouble
  const last = status === undefined ? [] : [`last answer ${status}`]
  return seconds > 0 ? [...last, `asked again in ${duration(seconds)}`] : last
}

/**
 * @param providers of a line of api/live: how often each outcome was, by name
 * @param troubles of the same: what is wrong with those whose last question failed
 */
export function showProviders(providers, troubles) {
  const lines = Object.entries(providers).map(([name, counts]) => {
    const told = OUTCOMES.filter(([outcome]) => counts[outcome] > 0)
    const words = told.map(([outcome, word]) => `${counts[outcome]} ${word}`)
    return [name, [...words, ...inWords(troubles[name])].join(', ')]
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
