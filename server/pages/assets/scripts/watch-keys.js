import { at } from './dom.js'

const JUMP_SECONDS = 10
const LOUDER = 0.1

const within = (value, min, max) => Math.max(min, Math.min(max, value))

function jump(video, to) {
  video.currentTime = within(to, 0, video.duration || 0)
}

function louder(video, by) {
  video.volume = within(video.volume + by, 0, 1)
}

/** To a neighbour in the menu of speeds. */
function faster(video, steps) {
  const menu = at('speed')
  menu.selectedIndex = within(menu.selectedIndex + steps, 0, menu.options.length - 1)
  video.playbackRate = Number(menu.value)
}

const playOrPause = (video) => (video.paused ? video.play() : video.pause())

/** The picture with the button on it; phones that fill the screen with nothing but a video have no keys. */
const fillScreen = () =>
  document.fullscreenElement ? document.exitFullscreen() : at('picture').requestFullscreen()

const inPicture = (video) =>
  document.pictureInPictureElement
    ? document.exitPictureInPicture()
    : video.requestPictureInPicture()

/** As players on a computer have them; the dialog of the page lists them. */
const actions = (video, subtitles) => ({
  ' ': () => playOrPause(video),
  k: () => playOrPause(video),
  ArrowLeft: () => jump(video, video.currentTime - JUMP_SECONDS),
  ArrowRight: () => jump(video, video.currentTime + JUMP_SECONDS),
  ArrowUp: () => louder(video, LOUDER),
  ArrowDown: () => louder(video, -LOUDER),
  f: fillScreen,
  m: () => Object.assign(video, { muted: !video.muted }),
  c: () => subtitles.toggle(),
  p: () => inPicture(video),
  n: () => at('next').hidden || at('next').click(),
  s: () => at('skip').hidden || at('skip').click(),
  '<': () => faster(video, -1),
  '>': () => faster(video, 1),
  '?': () => at('keys').showModal(),
})

/** Menus have all keys for themselves, buttons and links the space. */
export function listenToKeys(video, subtitles) {
  const all = actions(video, subtitles)
  at('help').addEventListener('click', all['?'])
  document.addEventListener('keydown', (event) => {
    const { target, ctrlKey, metaKey, altKey } = event
    if (ctrlKey || metaKey || altKey || at('keys').open) return
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key
    if (/^(?:SELECT|INPUT)$/.test(target.tagName)) return
    if (/^(?:BUTTON|A)$/.test(target.tagName) && key === ' ') return
    const toTenth = () => jump(video, (video.duration * Number(key)) / 10)
    const act = /^\d$/.test(key) ? toTenth : all[key]
    if (!act) return
    event.preventDefault()
    // A browser may refuse any of them until the page was touched.
    void Promise.resolve()
      .then(act)
      .catch(() => undefined)
  })
}
