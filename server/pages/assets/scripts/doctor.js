import { at, element, pill, say } from './dom.js'
import { readLines } from './lines.js'
import { send } from './orders.js'
import { createRows, row } from './rows.js'

const WORDS = {
  run: 'Look now',
  running: 'Looking …',
  looking: (count) => `Looking; ${count} ${count === 1 ? 'thing' : 'things'} seen so far.`,
  done: (count) => `Looked at ${count} things.`,
  cut: 'It broke off before the end. Look again.',
  draining: 'The server is shutting down.',
  failed: (why) => `Not done: ${why}`,
  well: 'No fault',
  faults: (count) => (count === 1 ? '1 fault' : `${count} faults`),
  states: { ok: 'ok', warning: 'warning', fault: 'fault' },
}
const TONES = { ok: 'good', warning: 'warn', fault: 'bad' }
/** What is to be mended comes first. */
const ORDER = ['fault', 'warning', 'ok']

let allowed = false
/** What runs for this page; another one takes its place. */
let current

const show = createRows(at('doctor'), {
  key: ({ number }) => number,
  make() {
    const mark = element('span', '', 'pill')
    const todo = element('div', '', 'small')
    const made = { ...row(mark), mark, todo }
    made.item.querySelector('.what').append(todo)
    return made
  },
  show(made, { name, state, text, todo }) {
    made.name.textContent = name
    made.note.textContent = text
    made.todo.textContent = todo ?? ''
    made.mark.textContent = WORDS.states[state] ?? state
    made.mark.dataset.tone = TONES[state] ?? ''
  },
})

function showAll(found) {
  show(found.toSorted((a, b) => ORDER.indexOf(a.state) - ORDER.indexOf(b.state)))
  const faults = found.filter(({ state }) => state === 'fault').length
  at('doctor-verdict').hidden = false
  pill(
    'doctor-verdict',
    faults > 0 ? 'bad' : 'good',
    faults > 0 ? WORDS.faults(faults) : WORDS.well,
  )
}

async function look(signal) {
  const found = []
  let end
  const heard = (line) => {
    if (signal.aborted) return
    if (line.end) end = line.end
    else {
      found.push({ ...line, number: found.length })
      say('doctor-said', WORDS.looking(found.length))
      show(found)
    }
  }
  try {
    await readLines(await send('api/doctor', {}, signal), heard)
    if (signal.aborted) return
    if (end === 'done') showAll(found)
    say('doctor-said', end === 'done' ? WORDS.done(found.length) : WORDS[end ?? 'cut'])
  } catch (error) {
    if (signal.aborted) return
    say('doctor-said', found.length > 0 ? WORDS.cut : WORDS.failed(error.message))
  }
}

function clear() {
  current?.abort()
  show([])
  say('doctor-said', '')
  at('doctor-verdict').hidden = true
}

export function prepareDoctor() {
  const button = at('doctor-run')
  button.addEventListener('click', async () => {
    clear()
    const mine = new AbortController()
    current = mine
    button.disabled = true
    button.textContent = WORDS.running
    await look(mine.signal)
    button.disabled = false
    button.textContent = WORDS.run
  })
}

/** For administrators: what was found names their folders and servers. */
export function showDoctor({ access }) {
  const before = allowed
  allowed = access === 'all'
  if (before && !allowed) clear()
}
