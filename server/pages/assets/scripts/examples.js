import { copy } from './copy.js'
import { daysAgo } from './dates.js'
import { element } from './dom.js'
import { milliseconds, rate } from './format.js'
import { Player } from './player.js'
import { fill, words } from './words.js'

const told = words.status.examples
/** What the server says of a source, in the page's words. */
const KINDS = { torrent: told.torrent, 'direct link': told.link, 'file on this server': told.file }

/** @type {{ player: Player, pressed: HTMLButtonElement, path: string } | undefined} */
let playing

/** What a screen reader reads begins with what is seen (WCAG 2.5.3). */
function button(text, label, act) {
  const made = element('button', text, 'button compact')
  made.type = 'button'
  Object.assign(made.dataset, { copied: told.copied, notCopied: told.notCopied })
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
  rename(playing.pressed, told.play)
  playing = undefined
}

function play(example, row, pressed) {
  const again = playing?.pressed === pressed
  stop()
  if (again) return
  const player = new Player(example)
  row.append(player.box)
  rename(pressed, told.stop)
  playing = { player, pressed, path: example.path }
}

/** Where the server makes films ready for browsers. */
function watching(path, what) {
  if (path === undefined) return []
  const link = element('a', told.watch, 'button compact')
  link.href = path
  link.setAttribute('aria-label', `${told.watch}: ${what}`)
  return [link]
}

/** How it came here last, e.g. `0.9 s to start · 4.0 MB/s · yesterday`. */
function inWords({ firstByteMs, bytesPerSecond, daysAgo: days }) {
  return [
    ...(firstByteMs === undefined ? [] : [fill(told.toStart, { time: milliseconds(firstByteMs) })]),
    ...(bytesPerSecond === undefined ? [] : [rate(bytesPerSecond)]),
    daysAgo(days),
  ].join(' · ')
}

function line(example) {
  const { label, type, url, watch, release, measured } = example
  const kind = KINDS[example.kind] ?? example.kind
  const row = element('li')
  const what = element('div', '', 'what')
  what.append(
    element('bdi', label, 'label'),
    element('span', told[type] ?? type, 'badge'),
    element('span', kind, 'badge plain'),
    ...(release === undefined ? [] : [element('bdi', release, 'soft small release')]),
    ...(measured === undefined ? [] : [element('span', inWords(measured), 'soft small')]),
  )
  const open = element('a', told.open, 'button compact')
  open.href = url
  open.setAttribute('aria-label', `${told.open}: ${label}, ${kind}`)
  const buttons = element('div', '', 'buttons')
  const playButton = button(told.play, `${label}, ${kind}`, (made) => play(example, row, made))
  buttons.append(
    playButton,
    button(told.copy, `${label}, ${kind}`, (made) => copy(url, made)),
    ...watching(watch, `${label}, ${kind}`),
    open,
  )
  row.append(what, buttons)
  return row
}

/** A list that comes again (with another token, or of what was looked for) ends what plays. */
export function showExamples(examples, list) {
  stop()
  list.replaceChildren(...examples.map(line))
}
