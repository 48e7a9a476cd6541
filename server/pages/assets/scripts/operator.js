import { whileOpen } from './beat.js'
import { moment } from './dates.js'
import { at, element, say } from './dom.js'
import { duration, rate, size } from './format.js'
import { ask, order, sayFailed } from './orders.js'
import { createRows, row } from './rows.js'
import { counted, fill, words } from './words.js'

const EVERY_MS = 2000
const { orders, running, ahead: told, stored: kept } = words.operator

let allowed = false

function button(text, act) {
  const made = element('button', text, 'button compact')
  made.type = 'button'
  made.addEventListener('click', async () => {
    made.disabled = true
    await act()
    made.disabled = false
  })
  return made
}

/** What a screen reader reads begins with what is seen. */
function nameButton(made, text, what) {
  made.textContent = text
  made.setAttribute('aria-label', `${text}: ${what}`)
}

/** @returns whether it was done */
async function obey(path, body, done = '') {
  try {
    await order(path, body)
    say('operator-said', done)
    return true
  } catch (error) {
    sayFailed('operator-said', error)
    return false
  } finally {
    await refresh()
  }
}

function titleOf({ title, name }) {
  const episode = title.type === 'series' ? ` ${title.season}×${title.episode}` : ''
  return name || `${title.imdbId}${episode}`
}

function playLine({ title, number, from, size: whole, bytes, ...rest }) {
  const episode = title.type === 'series' ? `:${title.season}:${title.episode}` : ''
  const { bytesPerSecond, stalls, seconds, client, address } = rest
  return [
    fill(running.source, { title: `${title.imdbId}${episode}`, n: String(number) }),
    words.status.from[from] ?? from,
    rate(bytesPerSecond),
    fill(running.sent, { sent: size(bytes), size: size(whole) }),
    ...(stalls > 0 ? [counted(running.waited, stalls)] : []),
    fill(running.since, { time: duration(seconds) }),
    ...(address ? [address] : []),
    ...(client ? [client] : []),
  ].join(' · ')
}

const showPlays = createRows(at('plays'), {
  key: ({ id }) => id,
  make(play) {
    const stop = button(running.stop, () => obey('api/plays', { stop: play.id }, running.stopped))
    return { ...row(stop), stop }
  },
  show(made, play) {
    made.name.textContent = titleOf(play)
    made.note.textContent = playLine(play)
    nameButton(made.stop, running.stop, titleOf(play))
  },
})

function aheadLine({ state, stored, keep, code }) {
  return [
    told[state] ?? state,
    ...(stored > 0 ? [counted(told.stored, stored)] : []),
    ...(keep ? [told.keep] : []),
    ...(code ? [code] : []),
  ].join(' · ')
}

const showAhead = createRows(at('ahead'), {
  key: ({ id }) => id,
  make(entry) {
    const made = { state: entry.state }
    const pause = button(told.pause, () =>
      made.state === 'paused'
        ? obey('api/downloads', { resume: entry.id }, told.goesOn)
        : obey('api/downloads', { pause: entry.id }, told.hasPaused),
    )
    const stop = button(running.stop, () =>
      obey('api/downloads', { stop: entry.id }, running.stopped),
    )
    return Object.assign(made, row(pause, stop), { pause, stop })
  },
  show(made, entry) {
    made.name.textContent = entry.name
    made.note.textContent = aheadLine(entry)
    made.state = entry.state
    nameButton(made.pause, entry.state === 'paused' ? told.resume : told.pause, entry.name)
    nameButton(made.stop, running.stop, entry.name)
    made.stop.hidden = !['waiting', 'running', 'paused'].includes(entry.state)
    made.pause.hidden = made.stop.hidden
  },
})

function fileLine({ size: whole, bytes, complete, pinned, usedAt }) {
  const here = complete ? size(whole) : fill(kept.partly, { here: size(bytes), size: size(whole) })
  const used = fill(kept.lastUsed, { time: moment(usedAt) })
  return [here, ...(pinned ? [kept.pinned] : []), used].join(' · ')
}

const showFiles = createRows(at('files'), {
  key: ({ key }) => key,
  make({ key }) {
    const made = { pinned: false }
    const pin = button(kept.pin, () =>
      obey('api/downloads', made.pinned ? { unpin: [key] } : { pin: [key] }),
    )
    const forget = button(kept.forget, () => obey('api/cache-config', { remove: [key] }))
    return Object.assign(made, row(pin, forget), { pin, forget })
  },
  show(made, file) {
    made.pinned = file.pinned
    made.name.textContent = file.name || file.key
    made.note.textContent = fileLine(file)
    nameButton(made.pin, file.pinned ? kept.unpin : kept.pin, file.name || file.key)
    nameButton(made.forget, kept.forget, file.name || file.key)
  },
})

async function showLists() {
  if (!allowed) return
  try {
    const [{ plays }, { ahead, files, moreFiles }] = await Promise.all([
      ask('api/plays'),
      ask('api/downloads'),
    ])
    if (!allowed) return
    showPlays(plays)
    say('plays-none', plays.length === 0 ? running.none : '')
    showAhead(ahead)
    showFiles(files)
    say('files-more', files.length === 0 ? kept.none : moreLine(moreFiles))
  } catch {
    say('operator-said', orders.unread)
  }
}

const refresh = whileOpen(EVERY_MS, showLists)

const moreLine = (count) => (count > 0 ? fill(kept.more, { n: count }) : '')

export function prepareOperator() {
  at('ahead-form').addEventListener('submit', async (event) => {
    event.preventDefault()
    const add = at('ahead-what').value.trim()
    if (!add) return
    const keep = at('ahead-keep').checked
    if (await obey('api/downloads', { add, keep }, told.added)) at('ahead-what').value = ''
  })
}

/** Lists of names are for administrators: with the token their names go too. */
export function showOperator({ access }) {
  const before = allowed
  allowed = access === 'all'
  at('operator-lists').hidden = !allowed
  if (allowed && !before) void refresh()
  if (!allowed) for (const show of [showPlays, showAhead, showFiles]) show([])
}
