import { at, say } from './dom.js'
import { fill, words } from './words.js'

/** Seconds of the end in which the next episode is offered, of a long film; of a short one its second half. */
const END = 40
/** Seconds that are left to stay, once nothing but the credits is left. */
const CREDITS_END = 10
const CREDITS = /\bcredits\b|^(?:ending|outro|ed)$/i
const MOST_TRIES = 2

/** What leads on to the next episode: a link below the picture, and a box on it near the end. */
export class NextEpisode {
  #video
  #address
  #leaving
  #chapters = []
  #tries = 0
  #isAsked = false
  #isKnown = false
  #isGoing = false
  /** Until the end is left again. */
  #isRefused = false
  /** When it goes on by itself, seconds of the film. */
  #goesAt

  /**
   * @param address of the server's answer for this episode
   * @param leaving called before the page is left near the end
   */
  constructor(video, address, leaving) {
    this.#video = video
    this.#address = address
    this.#leaving = leaving
    for (const name of ['timeupdate', 'durationchange']) {
      video.addEventListener(name, () => this.#follow())
    }
    video.addEventListener('seeking', () => {
      this.#goesAt = undefined
      this.#follow()
    })
    video.addEventListener('ended', () => at('coming').hidden || this.go())
    at('next').addEventListener('click', () => this.#isNearEnd() && leaving())
    // Back from there, the page may be as it was left.
    addEventListener('pageshow', () => {
      this.#isGoing = false
    })
    at('go').addEventListener('click', () => this.go())
    at('stay').addEventListener('click', () => {
      this.#isRefused = true
      this.#follow()
      video.focus()
    })
  }

  /** @param chapters `{ at, title }`, seconds */
  set chapters(chapters) {
    this.#chapters = [...chapters].sort((a, b) => a.at - b.at)
    this.#follow()
  }

  /** Never rejects. */
  async ask() {
    this.#tries++
    this.#isAsked = true
    const answer = await fetch(this.#address).catch(() => undefined)
    this.#isAsked = answer?.ok ?? false
    const { next } = answer?.ok ? await answer.json() : {}
    if (!next) return
    this.#isKnown = true
    at('next').href = new URL(next.url, answer.url).href
    const episode = fill(words.watch.episode, next)
    at('next').title = episode
    at('next').hidden = false
    say('coming-name', episode)
    navigator.mediaSession?.setActionHandler('nexttrack', () => this.go())
    this.#follow()
  }

  go() {
    // Asked again while its page is on the way, a browser begins anew.
    if (!this.#isKnown || this.#isGoing) return
    this.#isGoing = true
    if (this.#isNearEnd()) this.#leaving()
    location.assign(at('next').href)
  }

  /** Of credits in the second half; those of an opening are no end. */
  #credits() {
    const { duration } = this.#video
    return this.#chapters.find(({ at: from, title }) => from > duration / 2 && CREDITS.test(title))
  }

  #isNearEnd() {
    const { currentTime, duration } = this.#video
    const end = Math.max(duration - END, duration / 2)
    return currentTime >= Math.min(end, this.#credits()?.at ?? end)
  }

  #follow() {
    const { currentTime, duration } = this.#video
    const isNearEnd = this.#isNearEnd()
    if (!isNearEnd) this.#isRefused = false
    if (isNearEnd && !this.#isAsked && this.#tries < MOST_TRIES) void this.ask()
    const isOffered = isNearEnd && this.#isKnown && !this.#isRefused
    at('coming').hidden = !isOffered
    if (!isOffered) {
      this.#goesAt = undefined
      return
    }
    this.#goesAt ??= this.#end()
    const left = Math.max(0, Math.ceil(this.#goesAt - currentTime))
    say('coming-in', fill(words.watch.goesIn, { n: left }))
    const isOver = currentTime >= this.#goesAt && this.#goesAt < duration
    if (isOver && !this.#video.paused && !this.#video.seeking) this.go()
  }

  /** The end of the film, unless only credits are left: what follows them is to be seen. */
  #end() {
    const { currentTime, duration } = this.#video
    const credits = this.#credits()
    // A video that fills the screen by itself hides the box: nobody could stay.
    const isSeen = document.fullscreenElement !== this.#video
    const isRest = isSeen && credits !== undefined && credits === this.#chapters.at(-1)
    return isRest && currentTime >= credits.at
      ? Math.min(duration, currentTime + CREDITS_END)
      : duration
  }
}
