import { at, element } from './dom.js'
import { keep, kept } from './kept.js'
import { trackName } from './track-name.js'
import { fill, words } from './words.js'

const CHOICE = 'watch subtitles'
const OFF = 'off'

/** The language alone, as browsers write it: `fre` and `fr-CA` are both `fr`. Undefined where there is none. */
export function languageOf(code) {
  try {
    const { language } = new Intl.Locale(code)
    return language === 'und' ? undefined : language
  } catch {
    return undefined
  }
}

const isForced = ({ label }) => /\bforced\b/i.test(label)
const nameOf = ({ label, language }, n) =>
  trackName(label, language) || language || fill(words.watch.track, { n: n + 1 })

/**
 * Subtitles, in one menu: the files beside the film, and what hls.js or the browser finds within it. All of them are
 * text tracks of the video, so that the browser's own menu has them too.
 */
export class Subtitles {
  #video
  #menu = at('texts')
  /** Of the sound; undefined: nobody knows. */
  #spoken
  #shown

  constructor(video) {
    this.#video = video
    const { textTracks } = video
    for (const name of ['addtrack', 'removetrack']) {
      textTracks.addEventListener(name, () => this.#offer())
    }
    textTracks.addEventListener('change', () => this.#hear())
    this.#menu.addEventListener('change', () => this.choose(Number(this.#menu.value)))
  }

  /** @param spoken language of the sound that plays */
  set spoken(spoken) {
    this.#spoken = languageOf(spoken ?? '')
    this.#offer()
  }

  /** The files beside the film, once the server knows them. Never rejects. */
  async addFiles(list) {
    const answer = await fetch(list).catch(() => undefined)
    const { tracks } = answer?.ok ? await answer.json() : { tracks: [] }
    const within = new Set(this.#tracks().map(({ label }) => label))
    for (const { name, language, url, isEmbedded } of tracks) {
      // Those come in the playlist, part by part.
      if (isEmbedded) continue
      const label = within.has(name) ? fill(words.watch.beside, { name }) : name
      const src = new URL(url, answer.url).href
      const made = Object.assign(element('track'), { kind: 'subtitles', label, src })
      if (language) made.srclang = language
      this.#video.append(made)
    }
  }

  /** @param n of the menu; -1: none */
  choose(n) {
    const chosen = this.#tracks()[n]
    keep(CHOICE, chosen ? languageOf(chosen.language) || chosen.label : OFF)
    this.#show(chosen)
  }

  /** None, or those that were shown last. */
  toggle() {
    const tracks = this.#tracks()
    if (tracks.some(({ mode }) => mode === 'showing')) return this.choose(-1)
    this.choose(Math.max(0, tracks.indexOf(this.#wanted(tracks, [...navigator.languages]))))
  }

  #tracks() {
    return [...this.#video.textTracks].filter(({ kind }) => /^(?:subtitles|captions)$/.test(kind))
  }

  #offer() {
    const tracks = this.#tracks()
    const names = [words.watch.off, ...tracks.map(nameOf)]
    const options = names.map((name, n) =>
      Object.assign(element('option', name), { value: String(n - 1) }),
    )
    this.#menu.replaceChildren(...options)
    at('words').hidden = tracks.length === 0
    if (!this.#shown) this.#show(this.#wanted(tracks))
    this.#tell()
  }

  /** What was chosen in this browser, else who does not understand the sound gets a language of the browser's. */
  #wanted(tracks, languages = this.#unspoken()) {
    const choice = kept(CHOICE)
    if (choice === OFF && languages.length === 0) return undefined
    const full = [...tracks].sort((a, b) => Number(isForced(a)) - Number(isForced(b)))
    const wanted = choice && choice !== OFF ? [choice] : languages.map(languageOf)
    for (const one of wanted) {
      const track = full.find(
        ({ language, label }) => one === label || one === languageOf(language),
      )
      if (track) return track
    }
    return undefined
  }

  #unspoken() {
    if (kept(CHOICE) === OFF || this.#spoken === undefined) return []
    const languages = [...navigator.languages]
    return languages.some((one) => languageOf(one) === this.#spoken) ? [] : languages
  }

  #show(chosen) {
    this.#shown = chosen
    for (const track of this.#tracks()) {
      const mode = track === chosen ? 'showing' : 'disabled'
      if (track.mode !== mode) track.mode = mode
    }
  }

  /** Somebody chose in the browser's own menu, or Chromium adds one of its own liking to what is shown. */
  #hear() {
    const showing = this.#tracks().filter(({ mode }) => mode === 'showing')
    if (showing.length > 1) this.#show(showing.includes(this.#shown) ? this.#shown : showing[0])
    else [this.#shown] = showing
    this.#tell()
  }

  #tell() {
    const n = this.#tracks().findIndex(({ mode }) => mode === 'showing')
    this.#menu.value = String(n)
  }
}
