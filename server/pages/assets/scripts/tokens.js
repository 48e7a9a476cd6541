import { whileOpen } from './beat.js'
import { at, say } from './dom.js'
import { size } from './format.js'
import { ask } from './orders.js'
import { createRows, row } from './rows.js'

const EVERY_MS = 10_000

let allowed = false

const films = ({ now, max }) => `${now} of ${max} ${max === 1 ? 'film' : 'films'} now`

const monthOf = (month) =>
  month ? `${size(month.bytes)} of ${size(month.max)} this month` : 'no limit of bytes'

const show = createRows(at('tokens'), {
  key: ({ name }) => name,
  make: () => row(),
  show(made, { name, streams, dayBytes, month, added }) {
    made.name.textContent = name
    const since = `added ${new Date(added).toLocaleDateString()}`
    const used = [films(streams), `${size(dayBytes)} today`, monthOf(month), since]
    made.note.textContent = used.join(' · ')
  },
})

/** Who plays comes first, then who had most today. */
const byUse = (a, b) => b.streams.now - a.streams.now || b.dayBytes - a.dayBytes

const refresh = whileOpen(EVERY_MS, async () => {
  if (!allowed) return
  try {
    const { tokens, moreTokens } = await ask('api/tokens')
    if (!allowed) return
    at('tokens-card').hidden = tokens === null
    show((tokens ?? []).toSorted(byUse))
    const none = tokens?.length === 0 ? 'There are no tokens: nobody can use the addon.' : ''
    say('tokens-more', moreTokens > 0 ? `and ${moreTokens} more` : none)
  } catch {
    say('tokens-more', 'They could not be read; they are asked for again.')
  }
})

/** For administrators, where ACCESS_TOKENS names a file. */
export function showTokens({ access }) {
  const before = allowed
  allowed = access === 'all'
  if (allowed && !before) void refresh()
  if (!allowed) {
    show([])
    at('tokens-card').hidden = true
  }
}
