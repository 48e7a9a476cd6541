import { at, element } from './dom.js'
import { duration } from './format.js'
import { fill, words } from './words.js'

const { providers: told } = words.operator

/** In the order of the line; what never happened is left out. */
const OUTCOMES = ['answered', 'failed', 'resting', 'deferred']

/** `last answer 429, asked again in 2 min` */
function inWords(trouble) {
  if (!trouble) return []
  const { status, seconds } = trouble
  const last = status === undefined ? [] : [fill(told.lastAnswer, { status: String(status) })]
  return seconds > 0 ? [...last, fill(told.askedAgain, { time: duration(seconds) })] : last
}

/**
 * @param providers of a line of api/live: how often each outcome was, by name
 * @param troubles of the same: what is wrong with those whose last question failed
 */
export function showProviders(providers, troubles) {
  const lines = Object.entries(providers).map(([name, counts]) => {
    const happened = OUTCOMES.filter((outcome) => counts[outcome] > 0)
    const often = happened.map((outcome) => fill(told[outcome], { n: counts[outcome] }))
    return [name, [...often, ...inWords(troubles[name])].join(', ')]
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
