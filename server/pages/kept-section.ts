import type { Config } from '../../config/config.ts'
import { type Html, html } from '../markup/html.ts'
import type { Words } from '../words/install/words.ts'
import type { Language } from '../words/languages.ts'
import { nothing } from './install-section.ts'

/** What viewers are told of whoever runs the server, and of what it keeps. */
export type KeptFacts = Pick<Config, 'operator' | 'logIp' | 'direct'> & {
  readonly cache: Pick<Config['cache'], 'ttlSeconds' | 'persistent'>
}

/** The largest first: the first that divides is told. */
const UNITS = [
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
  ['second', 1],
] as const

/** In the unit that needs no fraction: 90 minutes, one hour. */
function timeIn(language: Language, seconds: number): string {
  const [unit, length] = UNITS.find(([, length]) => seconds % length === 0) ?? UNITS[3]
  const style = { style: 'unit', unit, unitDisplay: 'long' } as const
  return new Intl.NumberFormat(language, style).format(seconds / length)
}

/** A line of a list of class `facts`. */
export const fact = (name: string, text: Html): Html => html`
          <div><dt>${name}</dt><dd>${text}</dd></div>`

function whoRunsIt({ name, contact }: KeptFacts['operator'], words: Words['kept']): Html {
  const text = contact?.replace(/^mailto:/, '') ?? ''
  const link = contact
    ? html`<a href="${contact}" rel="noreferrer">${name ? words.contact : text}</a>`
    : nothing
  if (name) return fact(words.operator, contact ? html`${name} · ${link}` : html`${name}`)
  return contact ? fact(words.contact, link) : nothing
}

/** The card of the install page that says who runs the server, what it keeps and for how long. */
export function keptSection(facts: KeptFacts, language: Language, words: Words['kept']): Html {
  const { operator, cache, logIp } = facts
  const { films, watched, address } = words
  const gone = cache.persistent ? '' : ` ${films.notPersistent}`
  const policy = operator.privacyUrl
    ? html`
        <p class="policy"><a href="${operator.privacyUrl}" rel="noreferrer">${words.policy}</a></p>`
    : nothing
  return html`<section class="card" aria-labelledby="kept">
        <h2 id="kept">${words.heading}</h2>
        <dl class="facts">${whoRunsIt(operator, words)}${fact(
          films.name,
          html`${films.text(timeIn(language, cache.ttlSeconds))}${gone}`,
        )}${fact(watched.name, html`${watched.text}`)}${fact(
          address.name,
          html`${address.text} ${address.shown[logIp]}`,
        )}
        </dl>${policy}
      </section>`
}
