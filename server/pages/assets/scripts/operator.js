import { whileOpen } from './beat.js'
import { at, element, say } from './dom.js'
import { duration, size } from './format.js'
import { ask, order } from './orders.js'
import { createRows, row } from './rows.js'

const EVERY_MS = 2000
const FROM = {
  disk: 'from disk',
  swarm: 'from the swarm',
  path: 'own file',
  relay: 'through this server',
  node: 'from another node',
}
const STATES = {
  waiting: 'waiting',
  running: 'is fetched',
  paused: 'paused',
  done: 'done',
  failed: 'failed',
  stopped: 'stopped',
}

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

async function obey(path, body, done = '') {
  try {
    await order(path, body)
    say('operator-said', done)
  } catch (error) {
    say('operator-said', `Not done: ${error.message}`)
  }
  await refresh()
}

function titleOf({ title, name }) {
  const episode = title.type === 'series' ? ` ${title.season}×${title.episode}` : ''
  return name || `${title.imdbId}${episode}`
}

function playLine({ title, number, from, size: whole, bytes, ...rest }) {
  const episode = title.type === 'series' ? `:${title.season}:${title.episode}` : ''
  const { bytesPerSecond, stalls, seconds, client, address } = rest
  const stood = stalls === 0 ? [] : [stalls === 1 ? 'waited once' : `waited ${stalls} times`]
  return [
    `${title.imdbId}${episode}, source ${number}`,
    FROM[from] ?? from,
    `${size(bytesPerSecond)}/s`,
    `${size(bytes)} sent of a file of ${size(whole)}`,
    ...stood,
    `for ${duration(seconds)}`,
    ...(address ? [address] : []),
    ...(client ? [client] : []),
  ].join(' · ')
}

const showPlays = createRows(at('plays'), {
  key: ({ id }) => id,
  make(play) {
    const stop = button('Stop', () => obey('api/plays', { stop: play.id }, 'Stopped.'))
    return { ...row(stop), stop }
  },
  show(made, play) {
    made.name.textContent = titleOf(play)
    made.note.textContent = playLine(play)
    nameButton(made.stop, 'Stop', titleOf(play))
  },
})

function aheadLine({ state, stored, keep, code }) {
  return [
    STATES[state] ?? state,
    ...(stored > 0 ? [stored === 1 ? '1 file stored' : `${stored} files stored`] : []),
    ...(keep ? ['pinned when stored'] : []),
    ...(code ? [code] : []),
  ].join(' · ')
}

const showAhead = createRows(at('ahead'), {
  key: ({ id }) => id,
  make(entry) {
    const made = { state: entry.state }
    const pause = button('Pause', () =>
      made.state === 'paused'
        ? obey('api/downloads', { resume: entry.id }, 'Goes on.')
        : obey('api/downloads', { pause: entry.id }, 'Paused.'),
    )
    const stop = button('Stop', () => obey('api/downloads', { stop: entry.id }, 'Stopped.'))
    return Object.assign(made, row(pause, stop), { pause, stop })
  },
  show(made, entry) {
    made.name.textContent = entry.name
    made.note.textContent = aheadLine(entry)
    made.state = entry.state
    nameButton(made.pause, entry.state === 'paused' ? 'Resume' : 'Pause', entry.name)
    nameButton(made.stop, 'Stop', entry.name)
    made.stop.hidden = !['waiting', 'running', 'paused'].includes(entry.state)
    made.pause.hidden = made.stop.hidden
  },
})

function fileLine({ size: whole, bytes, complete, pinned, usedAt }) {
  const here = complete ? size(whole) : `${size(bytes)} of ${size(whole)}`
  const used = `last used ${new Date(usedAt).toLocaleString()}`
  return [here, ...(pinned ? ['pinned'] : []), used].join(' · ')
}

const showFiles = createRows(at('files'), {
  key: ({ key }) => key,
  make({ key }) {
    const made = { pinned: false }
    const pin = button('Pin', () =>
      obey('api/downloads', made.pinned ? { unpin: [key] } : { pin: [key] }),
    )
    const forget = button('Forget', () => obey('api/cache-config', { remove: [key] }))
    return Object.assign(made, row(pin, forget), { pin, forget })
  },
  show(made, file) {
    made.pinned = file.pinned
    made.name.textContent = file.name || file.key
    made.note.textContent = fileLine(file)
    nameButton(made.pin, file.pinned ? 'Unpin' : 'Pin', file.name || file.key)
    nameButton(made.forget, 'Forget', file.name || file.key)
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
    say('plays-none', plays.length === 0 ? 'Nobody plays anything now.' : '')
    showAhead(ahead)
    showFiles(files)
    say('files-more', files.length === 0 ? 'Nothing is stored.' : moreLine(moreFiles))
  } catch {
    say('operator-said', 'The lists could not be read; they are asked for again.')
  }
}

const refresh = whileOpen(EVERY_MS, showLists)

const moreLine = (count) => (count > 0 ? `and ${count} more that were used longer ago` : '')

export function prepareOperator() {
  at('ahead-form').addEventListener('submit', async (event) => {
    event.preventDefault()
    const add = at('ahead-what').value.trim()
    if (!add) return
    await obey('api/downloads', { add, keep: at('ahead-keep').checked }, 'Added.')
    if (at('operator-said').textContent === 'Added.') at('ahead-what').value = ''
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
