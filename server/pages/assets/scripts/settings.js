import { at, say } from './dom.js'
import { ask } from './orders.js'
import { createRows, row } from './rows.js'

const FROM = {
  '.env': 'from the file .env',
  environment: 'from the environment',
  'command line': 'from the command line',
  default: 'the default',
}

let allowed = false

const show = createRows(at('in-force'), {
  key: ({ name }) => name,
  make: () => row(),
  show(made, { name, value, source, fromFile }) {
    made.name.textContent = `${name} ${value === null ? '(not set)' : `= ${value}`}`
    const file = fromFile ? `, through ${name}_FILE` : ''
    made.note.textContent = `${FROM[source] ?? source}${file}`
  },
})

/** What somebody has set comes first. */
const bySource = (a, b) => Number(a.source === 'default') - Number(b.source === 'default')

async function list() {
  if (!allowed || !at('settings-card').open) return
  try {
    const { settings } = await ask('api/settings')
    if (!allowed) return
    show(settings.toSorted(bySource))
    say('in-force-note', 'As they were read at the start; secrets are covered.')
  } catch {
    say('in-force-note', 'They could not be read; fold this and open it again.')
  }
}

/** They do not change while the server runs: asked for when they are opened. */
export function prepareSettings() {
  at('settings-card').addEventListener('toggle', list)
}

/** For administrators. */
export function showInForce({ access }) {
  const before = allowed
  allowed = access === 'all'
  if (allowed && !before) void list()
  if (!allowed) show([])
}
