import { speedLine } from './arrivals.js'
import { element } from './dom.js'
import { milliseconds } from './format.js'
import { createSteps } from './steps.js'
import { createStrip } from './strip.js'

const ASK_MS = 700

/** What a step of the server means to who waits for it. */
function wordsFor(state) {
  switch (state.stage) {
    case 'metadata':
      return 'Asking peers what is in the torrent.'
    case 'waiting':
      return 'Waiting for a turn and for room on the disk.'
    case 'arriving':
      return state.peers > 0 ? `${speedLine(state)}.` : 'Looking for peers who have the file.'
    case 'ready':
      return state.from === 'path' ? 'A file of this server.' : 'On this server’s disk.'
    case 'redirect':
      return 'A direct link: your browser fetches it from where it is.'
    default:
      return 'Asking the server.'
  }
}

/** How many of the steps are behind us. */
function stepOf(state) {
  if (state.stage === 'metadata') return 1
  if (state.stage === 'waiting') return 2
  if (state.stage === 'arriving') return state.peers > 0 || state.percent > 0 ? 3 : 2
  return state.stage === 'ready' || state.stage === 'redirect' ? 3 : 0
}

/**
 * A film on the page that says what happens until it plays.
 * @param {{ path: string, label: string }} example path relative to this page
 * @returns {{ box: HTMLElement, stop(): void }}
 */
export function createPlayer({ path, label }) {
  const box = element('div', '', 'player')
  const video = element('video')
  Object.assign(video, { controls: true, autoplay: true, playsInline: true })
  video.setAttribute('aria-label', label)
  const steps = createSteps()
  const strip = createStrip()
  strip.canvas.hidden = true
  const note = element('p', 'Asking the server.', 'soft small')
  note.setAttribute('role', 'status')
  box.append(steps.list, video, strip.canvas, note)

  const began = performance.now()
  const stateUrl = `api/play-state${path.slice('play'.length)}`
  const gone = new AbortController()
  let timer
  let playing = ''
  let broken = false

  const tell = (text) => {
    if (note.textContent !== text) note.textContent = text
  }
  const told = (state) => {
    const arriving = state.stage === 'arriving'
    if (arriving) strip.show(state)
    else strip.canvas.hidden = true
    if (broken) return tell(whyNot(state, video, playing))
    if (playing) return tell(arriving ? `${playing} ${wordsFor(state)}` : playing)
    steps.reach(stepOf(state))
    tell(wordsFor(state))
  }
  async function ask() {
    clearTimeout(timer)
    let state = { stage: 'unknown' }
    try {
      const answer = await fetch(stateUrl, { cache: 'no-store', signal: gone.signal })
      if (answer.ok) state = await answer.json()
    } catch {
      // The next one may come through; the video itself tells when all is lost.
    }
    if (gone.signal.aborted) return
    if (broken || state.stage !== 'unknown') told(state)
    const settled = broken || (playing && (state.stage === 'ready' || state.stage === 'redirect'))
    if (!settled) timer = setTimeout(ask, ASK_MS)
  }
  video.addEventListener('playing', () => {
    if (playing) return
    playing = `Played after ${milliseconds(performance.now() - began)}.`
    steps.reach(5)
    tell(playing)
  })
  video.addEventListener('loadedmetadata', () => steps.reach(4))
  video.addEventListener('error', () => {
    if (gone.signal.aborted) return
    broken = true
    steps.fail()
    void ask()
  })
  video.src = path
  void ask()
  return {
    box,
    stop() {
      gone.abort()
      clearTimeout(timer)
      video.pause()
      // Leaving a film is what lets the server stop fetching it.
      video.removeAttribute('src')
      video.load()
      box.remove()
    },
  }
}

function whyNot({ lastFailure }, video, playing) {
  if (playing) return 'This broke off. Press Stop, then play it again: what has arrived is kept.'
  if (lastFailure) return `This did not play: ${lastFailure.message}`
  const reason = video.error?.message || 'this browser cannot show it'
  return `This did not play here (${reason}). Open the address in a player such as VLC.`
}
