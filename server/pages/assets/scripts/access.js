import { at, pill, say } from './dom.js'
import { keepToken, token } from './token.js'

const NOTES = {
  all: 'Names are shown here, and the cache can be emptied.',
  token: 'Everybody sees sums. With ADMIN_TOKEN you see names and can empty the cache.',
  machine:
    'Everybody sees sums. Without ADMIN_TOKEN the server can be managed from its own machine only.',
  nobody:
    'Everybody sees sums. Without ADMIN_TOKEN this server is managed by its own commands only.',
}

/** What this viewer may see and do, and the field for the token. */
export function prepareAccess(changed) {
  at('token-form').addEventListener('submit', (event) => {
    event.preventDefault()
    const secret = at('token').value.trim()
    at('token').value = ''
    if (!secret) return
    keepToken(secret)
    say('token-note', 'Asking the server.')
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
  say('token-note', 'The server refused this token.')
}

export function showAccess({ access, adminBy }) {
  const all = access === 'all'
  pill('access', all ? 'good' : '', all ? 'Full view' : 'Sums only')
  say('access-note', NOTES[all ? 'all' : adminBy])
  at('token-form').hidden = all || adminBy !== 'token'
  at('token-forget').hidden = token() === undefined
  at('cleanup-open').hidden = !all
  if (all) say('token-note', 'Kept in this tab only, until it is closed.')
}
