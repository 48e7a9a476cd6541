import { at, pill, say } from './dom.js'
import { keepToken, token } from './token.js'
import { words } from './words.js'

const { access: told } = words.operator
/** What the page says before anybody has given a token. */
const whereKept = at('token-note').textContent

/** What this viewer may see and do, and the field for the token. */
export function prepareAccess(changed) {
  at('token-form').addEventListener('submit', (event) => {
    event.preventDefault()
    const secret = at('token').value.trim()
    at('token').value = ''
    if (!secret) return
    keepToken(secret)
    say('token-note', told.asking)
    changed()
  })
  at('token-forget').addEventListener('click', () => {
    keepToken(undefined)
    changed()
    at('token').focus()
  })
}

/** The server does not know the token: better none than a wrong one. */
export function refuseToken() {
  keepToken(undefined)
  say('token-note', told.refused)
}

export function showAccess({ access, adminBy }) {
  const all = access === 'all'
  pill('access', all ? 'good' : '', all ? told.full : told.sums)
  say('access-note', told[all ? 'all' : adminBy])
  at('token-form').hidden = all || adminBy !== 'token'
  at('token-forget').hidden = token() === undefined
  at('cleanup-open').hidden = !all
  if (all) say('token-note', whereKept)
}
