import { at } from './dom.js'
import { createStrip } from './strip.js'
import { words } from './words.js'

const ASK_MS = 5000
/** Stretches of the film in the strip. */
const STRETCHES = 300
const ALL = 255

/** `7:05`, `1:02:03`. */
export function clock(seconds) {
  const whole = Math.max(0, Math.floor(seconds))
  const [h, m, s] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60]
  const two = (n) => String(n).padStart(2, '0')
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`
}

/**
 * Which bytes of the file a stretch of the film is made of, its end not included.
 * @param film `{ duration, size, places }`: what the index tells; without places the film is taken as even
 */
export function bytesOf({ duration, size, places }, from, to) {
  if (!places?.length) return [(size * from) / duration, (size * to) / duration]
  const first = places.findLast(([time]) => time <= from) ?? places[0]
  const next = places.find(([time]) => time >= to && time > first[0])
  return [first[1], next?.[1] ?? size]
}

/** How much of a part of the file is here, 0 to 255 at its emptiest and fullest. @param pieces of the whole, 0 to 255 each */
function amountsOf(pieces, size, [start, end]) {
  const cell = (byte) => Math.min(pieces.length - 1, Math.floor((pieces.length * byte) / size))
  const own = pieces.slice(cell(start), cell(Math.max(start, end - 1)) + 1)
  return [Math.min(...own), Math.max(...own)]
}

/**
 * The time of the film as a bar below the picture: what is there of it, and where the pointer is. Who drags it
 * sees where it leads; the film follows when it is let go.
 */
export class TimeBar {
  #video
  #stateUrl
  #film
  #bar = at('bar')
  #strip = createStrip()
  /** Of the file, 0 to 255 each; undefined: nobody knows. */
  #pieces
  #isWhole = false
  #isDragged = false
  /** Seconds that are told about; undefined: the pointer is elsewhere. */
  #told
  #askedAt = Number.NEGATIVE_INFINITY

  /** @param film of film.json */
  constructor(video, stateUrl, film) {
    this.#video = video
    this.#stateUrl = stateUrl
    this.#film = { ...film, chapters: [...film.chapters].sort((a, b) => a.at - b.at) }
    this.#strip.canvas.hidden = true
    at('time').prepend(this.#strip.canvas)
    this.#bar.max = String(film.duration)
    at('time').hidden = false
    this.#listen()
    void this.#keepAsking()
  }

  #listen() {
    const bar = this.#bar
    this.#video.addEventListener('timeupdate', () => this.#follow())
    // What is under a pointer that rests arrives, too.
    this.#video.addEventListener('progress', () => this.#tellAgain())
    bar.addEventListener('pointermove', (event) => {
      if (!this.#isDragged) this.#show(this.#under(event.clientX))
    })
    bar.addEventListener('pointerenter', () => void this.#ask())
    bar.addEventListener('pointerleave', () => this.#isDragged || this.#hide())
    bar.addEventListener('input', () => {
      this.#isDragged = true
      void this.#ask()
      this.#show(Number(bar.value))
    })
    bar.addEventListener('change', () => {
      this.#isDragged = false
      this.#video.currentTime = Number(bar.value)
      this.#hide()
      // The keys stay with the film.
      this.#video.focus()
    })
  }

  #follow() {
    if (this.#isDragged) return
    const { currentTime } = this.#video
    this.#bar.value = String(currentTime)
    this.#bar.setAttribute('aria-valuetext', clock(currentTime))
  }

  /** Seconds: the thumb's middle goes from half its width to half its width before the end. */
  #under(x) {
    const { left, width } = this.#bar.getBoundingClientRect()
    const half = Number.parseFloat(getComputedStyle(this.#bar).getPropertyValue('--thumb')) / 2
    const part = (x - left - half) / (width - 2 * half)
    return Math.max(0, Math.min(1, part)) * this.#film.duration
  }

  #show(seconds) {
    this.#told = seconds
    const { duration, chapters } = this.#film
    const chapter = chapters.findLast((one) => one.at <= seconds)?.title
    const place = at('place')
    const told = [clock(seconds), chapter, this.#whether(seconds)]
    place.textContent = told.filter(Boolean).join(' · ')
    place.hidden = false
    const { width } = at('time').getBoundingClientRect()
    const most = Math.max(0, width - place.offsetWidth)
    const left = (seconds / duration) * width - place.offsetWidth / 2
    place.style.left = `${Math.max(0, Math.min(most, left))}px`
  }

  #tellAgain() {
    if (this.#told !== undefined) this.#show(this.#told)
  }

  #hide() {
    this.#told = undefined
    at('place').hidden = true
  }

  /** In words; empty where nobody knows. */
  #whether(seconds) {
    const { buffered } = this.#video
    for (let n = 0; n < buffered.length; n++) {
      if (buffered.start(n) <= seconds && seconds < buffered.end(n)) return words.watch.here
    }
    if (this.#isWhole) return words.watch.here
    if (!this.#pieces) return ''
    const bytes = bytesOf(this.#film, seconds, seconds)
    const [least, most] = amountsOf(this.#pieces, this.#film.size, bytes)
    return least === ALL
      ? words.watch.here
      : most === 0
        ? words.watch.notHere
        : words.watch.partlyHere
  }

  /** Until all of it is here, or nobody will ever know. */
  async #keepAsking() {
    for (;;) {
      await this.#ask()
      if (this.#isWhole) return
      await new Promise((resolve) => setTimeout(resolve, ASK_MS))
    }
  }

  async #ask() {
    if (this.#isWhole || document.hidden || performance.now() - this.#askedAt < ASK_MS / 5) return
    this.#askedAt = performance.now()
    const answer = await fetch(this.#stateUrl).catch(() => undefined)
    const state = answer?.ok ? await answer.json() : undefined
    this.#isWhole = state?.stage === 'ready'
    // Between two segments nobody plays it: what had come has not gone.
    if (state?.stage === 'arriving' && state.pieces.length > 0) this.#pieces = state.pieces
    if (!this.#isWhole && !this.#pieces) return
    this.#draw(state?.percent)
    this.#tellAgain()
  }

  /** The pieces of the file at the times of the film that they are. */
  #draw(percent) {
    const { duration, size } = this.#film
    const at = (n) => (duration * n) / STRETCHES
    const pieces = this.#isWhole
      ? []
      : Array.from(
          { length: STRETCHES },
          (_, n) => amountsOf(this.#pieces, size, bytesOf(this.#film, at(n), at(n + 1)))[0],
        )
    this.#strip.show({ pieces, percent })
  }
}
