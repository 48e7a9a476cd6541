import { copy } from './copy.js'
import { element } from './dom.js'
import { Player } from './player.js'

/** @type {{ player: Player, pressed: HTMLButtonElement, path: string } | undefined} */
let playing

/** What a screen reader reads begins with what is seen (WCAG 2.5.3). */
function button(text, label, act) {
  const made = element('button', text, 'button compact')
  made.type = 'button'
  made.setAttribute('aria-label', `${text}: ${label}`)
  made.addEventListener('click', () => act(made))
  return made
}

function rename(made, text) {
  const label = made.getAttribute('aria-label')
  made.setAttribute('aria-label', label.replace(made.textContent, text))
  made.textContent = text
}

/** One player on the page: two films would wait for each other's bytes. */
function stop() {
  if (!playing) return
  playing.player.stop()
  rename(playing.pressed, 'Play here')
  playing = undefined
}

function play(example, row, pressed) {
  const again = playing?.pressed === pressed
  stop()
  if (again) return
  const player = new Player(example)
  row.append(player.box)
  rename(pressed, 'Stop')
  playing = { player, pressed, path: example.path }
}

/** Where the server makes films ready for browsers. */
function watching(path, what) {
  if (path === undefined) return []
  const link = element('a', 'Watch', 'button compact')
  link.href = path
  link.setAttribute('aria-label', `Watch: ${what}`)
  return [link]
}

function line(example) {
  const { label, type, kind, url, watch, measured } = example
  const row = element('li')
  const what = element('div', '', 'what')
  what.append(
    element('bdi', label, 'label'),
    element('span', type, 'badge'),
    element('span', kind, 'badge plain'),
    ...(measured === undefined ? [] : [element('span', measured, 'soft small')]),
  )
  const open = element('a', 'Open', 'button compact')
  open.href = url
  open.setAttribute('aria-label', `Open: ${label}, ${kind}`)
  const buttons = element('div', '', 'buttons')
  const playButton = button('Play here', `${label}, ${kind}`, (made) => play(example, row, made))
  buttons.append(
    playButton,
    button('Copy link', `${label}, ${kind}`, (made) => copy(url, made)),
    ...watching(watch, `${label}, ${kind}`),
    open,
  )
  row.append(what, buttons)
  return row
}

/** @param access as in the live line. A list that comes again (with another token) ends what plays. */
export function showExamples(examples, access, list, note) {
  stop()
  list.replaceChildren(...examples.map(line))
  const own = access === 'all' ? '' : ' Its own titles are listed for administrators.'
  const none = `The catalogue has none of the free titles.${own}`
  note.textContent = examples.length === 0 ? none : ''
}
