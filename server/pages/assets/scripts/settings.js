import { at, element, inEnglish, say } from './dom.js'
import { ask } from './orders.js'
import { createRows, row } from './rows.js'
import { fill, words } from './words.js'

const { inForce: told } = words.operator

const FROM = {
  '.env': told.file,
  environment: told.environment,
  'command line': told.commandLine,
  default: told.byDefault,
}

let allowed = false

const show = createRows(at('in-force'), {
  key: ({ name }) => name,
  make: () => row(),
  show(made, { name, value, source, fromFile }) {
    const set = element('span', value === null ? name : `${name} = ${value}`)
    made.name.replaceChildren(inEnglish(set), value === null ? ` ${told.notSet}` : '')
    const from = FROM[source] ?? source
    made.note.textContent = fromFile ? fill(told.through, { from, name: `${name}_FILE` }) : from
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
    say('in-force-note', told.note)
  } catch {
    say('in-force-note', told.unread)
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
