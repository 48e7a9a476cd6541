import { at, element, inEnglish, pill, say } from './dom.js'
import { readLines } from './lines.js'
import { sayFailed, send } from './orders.js'
import { createRows, row } from './rows.js'
import { counted, words } from './words.js'

const { doctor: told } = words.operator
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
    for (const part of [made.name, made.note, todo]) inEnglish(part)
    return made
  },
  show(made, { name, state, text, todo }) {
    made.name.textContent = name
    made.note.textContent = text
    made.todo.textContent = todo ?? ''
    made.mark.textContent = told[state] ?? state
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
    faults > 0 ? counted(told.faults, faults) : told.well,
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
      say('doctor-said', counted(told.seen, found.length))
      show(found)
    }
  }
  try {
    await readLines(await send('api/doctor', {}, signal), heard)
    if (signal.aborted) return
    if (end === 'done') showAll(found)
    say(
      'doctor-said',
      end === 'done' ? counted(told.looked, found.length) : (told[end] ?? told.cut),
    )
  } catch (error) {
    if (signal.aborted) return
    if (found.length > 0) say('doctor-said', told.cut)
    else sayFailed('doctor-said', error)
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
  const run = button.textContent
  button.addEventListener('click', async () => {
    clear()
    const mine = new AbortController()
    current = mine
    button.disabled = true
    button.textContent = told.looking
    await look(mine.signal)
    button.disabled = false
    button.textContent = run
  })
}

/** For administrators: what was found names their folders and servers. */
export function showDoctor({ access }) {
  const before = allowed
  allowed = access === 'all'
  if (before && !allowed) clear()
}
