import { copy } from './copy.js'

/** @type {{ box: HTMLElement, button: HTMLButtonElement } | undefined} */
let playing

function button(text, label, act) {
  const made = document.createElement('button')
  made.type = 'button'
  made.className = 'button compact'
  made.textContent = text
  made.setAttribute('aria-label', label)
  made.addEventListener('click', () => act(made))
  return made
}

/** One player on the page: leaving a film is what lets the server stop fetching it. */
function stop() {
  if (!playing) return
  const { box, button } = playing
  playing = undefined
  const video = box.querySelector('video')
  video.pause()
  video.removeAttribute('src')
  video.load()
  box.remove()
  button.textContent = 'Play here'
}

function play(url, row, pressed) {
  const again = playing?.button === pressed
  stop()
  if (again) return
  const video = document.createElement('video')
  video.controls = true
  video.autoplay = true
  video.playsInline = true
  const note = document.createElement('p')
  note.className = 'soft small'
  note.setAttribute('role', 'status')
  note.textContent =
    'Waiting for the first bytes; a torrent that nobody has played here takes a moment.'
  video.addEventListener('playing', () => {
    note.textContent = ''
  })
  video.addEventListener('error', () => {
    if (!video.hasAttribute('src')) return
    note.textContent = `This did not play here: ${video.error?.message || 'the browser cannot show it'}. Open the address in a player such as VLC.`
  })
  const box = document.createElement('div')
  box.className = 'player'
  box.append(video, note)
  row.append(box)
  pressed.textContent = 'Stop'
  playing = { box, button: pressed }
  video.src = url
}

function line({ label, kind, url }) {
  const row = document.createElement('li')
  const what = document.createElement('div')
  what.className = 'what'
  const badge = document.createElement('span')
  badge.className = 'badge'
  badge.textContent = kind
  what.append(label, badge)
  const open = document.createElement('a')
  open.className = 'button compact'
  open.href = url
  open.textContent = 'Open'
  open.setAttribute('aria-label', `Open the address of ${label}`)
  const buttons = document.createElement('div')
  buttons.className = 'buttons'
  buttons.append(
    button('Play here', `Play or stop ${label} here`, (made) => play(url, row, made)),
    open,
    button('Copy', `Copy the address of ${label}`, (made) => copy(url, made)),
  )
  row.append(what, buttons)
  return row
}

export function showExamples(examples, list, note) {
  list.replaceChildren(...examples.map(line))
  note.textContent = examples.length === 0 ? 'The catalogue has none of the free films.' : ''
}
