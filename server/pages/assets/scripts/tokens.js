import { whileOpen } from './beat.js'
import { day } from './dates.js'
import { at, say } from './dom.js'
import { size } from './format.js'
import { ask } from './orders.js'
import { createRows, row } from './rows.js'
import { counted, fill, words } from './words.js'

const EVERY_MS = 10_000
const { tokens: told } = words.operator

let allowed = false

const films = ({ now, max }) => counted(told.films, max, { now })

const monthOf = (month) =>
  month ? fill(told.month, { size: size(month.bytes), most: size(month.max) }) : told.noLimit

const show = createRows(at('tokens'), {
  key: ({ name }) => name,
  make: () => row(),
  show(made, { name, streams, dayBytes, month, added }) {
    made.name.textContent = name
    const today = fill(told.today, { size: size(dayBytes) })
    const used = [films(streams), today, monthOf(month), fill(told.since, { day: day(added) })]
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
    const none = tokens?.length === 0 ? told.none : ''
    say('tokens-more', moreTokens > 0 ? fill(told.more, { n: moreTokens }) : none)
  } catch {
    say('tokens-more', told.unread)
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
