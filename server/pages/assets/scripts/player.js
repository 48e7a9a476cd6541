import { element } from './dom.js'
import { milliseconds } from './format.js'
import { refusalWords } from './refusal.js'
import { createSteps } from './steps.js'
import { createStrip } from './strip.js'
import { wordsFor } from './waiting-words.js'
import { fill, words } from './words.js'

const told = words.status.player

const ASK_MS = 700

/** Nothing has to be found or fetched first. */
const isSettled = ({ stage }) => ['ready', 'redirect', 'relay'].includes(stage)

/** How many of the steps are behind us. */
function stepOf(state) {
  if (state.stage === 'metadata') return 1
  if (state.stage === 'waiting') return 2
  if (state.stage === 'arriving') return state.peers > 0 || state.percent > 0 ? 3 : 2
  return isSettled(state) ? 3 : 0
}

/** A film on the page that says what happens until it plays. */
export class Player {
  box = element('div', '', 'player')
  #video = element('video')
  #steps = createSteps()
  #strip = createStrip()
  #note = element('p', words.progress.waiting.asking, 'soft small')
  #began = performance.now()
  #gone = new AbortController()
  #stateUrl
  #timer
  #playing = ''
  #broken = false

  /** @param {{ path: string, label: string }} example path relative to this page */
  constructor({ path, label }) {
    const video = this.#video
    Object.assign(video, { controls: true, autoplay: true, playsInline: true })
    video.setAttribute('aria-label', label)
    this.#strip.canvas.hidden = true
    this.#note.setAttribute('role', 'status')
    this.box.append(this.#steps.list, video, this.#strip.canvas, this.#note)
    this.#stateUrl = `api/play-state${path.slice('play'.length)}`
    this.#listen()
    video.src = path
    void this.#ask()
  }

  #listen() {
    const video = this.#video
    video.addEventListener('playing', () => {
      if (this.#playing) return
      this.#playing = fill(told.played, { time: milliseconds(performance.now() - this.#began) })
      this.#steps.reach(5)
      this.#tell(this.#playing)
    })
    video.addEventListener('loadedmetadata', () => this.#steps.reach(4))
    video.addEventListener('error', () => {
      if (this.#gone.signal.aborted) return
      this.#broken = true
      this.#steps.fail()
      void this.#ask()
    })
  }

  #tell(text) {
    if (this.#note.textContent !== text) this.#note.textContent = text
  }

  #show(state) {
    const arriving = state.stage === 'arriving'
    if (arriving) this.#strip.show(state)
    else this.#strip.canvas.hidden = true
    const playing = this.#playing
    if (this.#broken) return this.#tell(whyNot(state, this.#video, playing))
    if (playing) return this.#tell(arriving ? `${playing} ${wordsFor(state)}` : playing)
    this.#steps.reach(stepOf(state))
    this.#tell(wordsFor(state))
  }

  async #ask() {
    clearTimeout(this.#timer)
    let state = { stage: 'unknown' }
    const { signal } = this.#gone
    try {
      const answer = await fetch(this.#stateUrl, { cache: 'no-store', signal })
      if (answer.ok) state = await answer.json()
    } catch {
      // The next one may come through; the video itself tells when all is lost.
    }
    if (signal.aborted) return
    const broken = this.#broken
    if (broken || state.stage !== 'unknown') this.#show(state)
    const complete = isSettled(state)
    if (broken || (this.#playing && complete)) return
    this.#timer = setTimeout(() => this.#ask(), ASK_MS)
  }

  stop() {
    this.#gone.abort()
    clearTimeout(this.#timer)
    this.#video.pause()
    // Leaving a film is what lets the server stop fetching it.
    this.#video.removeAttribute('src')
    this.#video.load()
    this.box.remove()
  }
}

function whyNot({ lastFailure }, video, playing) {
  if (playing) return told.brokeOff
  if (lastFailure) return fill(told.failed, { why: refusalWords(lastFailure) })
  return fill(told.failedHere, { why: video.error?.message || told.cannotShow })
}
