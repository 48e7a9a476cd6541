import { at, element, say, sayAbout } from './dom.js'
import { showExamples } from './examples.js'
import { duration } from './format.js'
import { ask, order, sayFailed } from './orders.js'
import { counted, words } from './words.js'

const { examples: listed, search: told } = words.status
const { access: mayDo } = words.operator
const FORBIDDEN = 403
/** Others are asked for names, and then for sources. */
const SEARCH_MS = 60_000
const LIST_MS = 10_000
const SECOND_MS = 1000
/** Characters that the server takes. */
const MOST_SEARCHED = 200
const MAGNET = /^magnet:/i
const ID = /^tt\d{7,10}(?:$|:)/

/** What this viewer may see, as the live line says it. */
let viewer = {}
/** Whose list was asked for last. */
let listedFor
/** What fills the list; another question takes its place. */
let current

/** The list depends on who asks. @param line what the server tells of this viewer: `access`, `adminBy` */
export async function listExamples(line) {
  viewer = line
  const isShown = listedFor === line.access
  // A list that could not be read is asked for again, unless what was looked for stands in its place.
  if (isShown || (listedFor === undefined && !at('search-back').hidden)) return
  await list(line.access)
}

async function list(access) {
  listedFor = access
  end()
  const mine = new AbortController()
  current = mine
  try {
    const { examples } = await ask(
      'api/examples',
      AbortSignal.any([mine.signal, AbortSignal.timeout(LIST_MS)]),
    )
    if (mine.signal.aborted) throw mine.signal.reason
    showExamples(examples, at('examples'))
    const own = access === 'all' ? '' : ` ${listed.ownHidden}`
    say('examples-note', examples.length === 0 ? `${listed.none}${own}` : '')
  } catch ({ status }) {
    if (status === FORBIDDEN) {
      // ACCESS_TOKENS: it stays so.
      at('search-form').hidden = true
      say('examples-note', listed.viewersOnly)
      return
    }
    listedFor = undefined
    if (!mine.signal.aborted) say('examples-note', listed.unread)
  }
}

function end() {
  current?.abort()
  current = undefined
  say('search-said', '')
  at('search-back').hidden = true
}

/** A link is too long to be read: the name in it, else its beginning. */
function nameIn(text) {
  const name = MAGNET.test(text) && new URLSearchParams(text.slice('magnet:?'.length)).get('dn')
  return name || (text.length > 60 ? `${text.slice(0, 60)}…` : text)
}

const sayOf = (text, sentence) =>
  sayAbout('search-said', sentence, 'what', element('bdi', nameIn(text)))

/** Says how long it takes. Who listens hears it once: the seconds are for the eyes. */
function sayWaiting(text, signal) {
  sayOf(text, MAGNET.test(text) ? told.asking : told.looking)
  const began = performance.now()
  const seconds = element('span')
  seconds.setAttribute('aria-hidden', 'true')
  at('search-said').append(' ', seconds)
  const timer = setInterval(() => {
    seconds.textContent = duration(Math.round((performance.now() - began) / 1000))
  }, SECOND_MS)
  signal.addEventListener('abort', () => clearInterval(timer))
}

const answerTo = (text, signal) =>
  MAGNET.test(text)
    ? order('api/try', { magnet: text }, signal)
    : ask(
        `api/examples?search=${encodeURIComponent(text.slice(0, MOST_SEARCHED))}`,
        AbortSignal.any([signal, AbortSignal.timeout(SEARCH_MS)]),
      )

function showFound(text, examples) {
  showExamples(examples, at('examples'))
  say('examples-note', '')
  if (examples.length > 0) sayOf(text, counted(told.found, examples.length, { what: '{what}' }))
  else sayOf(text, ID.test(text) ? told.noSource : told.nothing)
}

async function lookFor(text) {
  end()
  if (MAGNET.test(text) && viewer.access !== 'all') {
    say('search-said', `${told.adminsOnly} ${mayDo[viewer.adminBy] ?? ''}`)
    return
  }
  const mine = new AbortController()
  current = mine
  const back = at('search-back')
  back.textContent = listed.stop
  back.hidden = false
  const waiting = new AbortController()
  sayWaiting(text, AbortSignal.any([mine.signal, waiting.signal]))
  try {
    const { examples } = await answerTo(text, mine.signal)
    if (!mine.signal.aborted) showFound(text, examples)
  } catch (error) {
    if (!mine.signal.aborted) sayFailed('search-said', error)
  }
  waiting.abort()
  if (!mine.signal.aborted) back.textContent = told.back
}

export function prepareTestPlays() {
  const what = at('search-what')
  at('search-form').addEventListener('submit', (event) => {
    event.preventDefault()
    const text = what.value.trim()
    void (text === '' ? list(viewer.access) : lookFor(text))
  })
  at('search-back').addEventListener('click', () => {
    what.focus()
    if (at('search-back').textContent === listed.stop) end()
    else {
      what.value = ''
      void list(viewer.access)
    }
  })
}
