import { at } from './dom.js'

/**
 * Does it when the operator's part is opened or the page is seen again, and from then on `everyMs` after the
 * last time, while it is both.
 * @param {() => Promise<void>} work never rejects
 * @returns {() => Promise<void>} does it now, if it is both
 */
export function whileOpen(everyMs, work) {
  let timer
  async function beat() {
    clearTimeout(timer)
    if (document.hidden || !at('operator').open) return
    await work()
    clearTimeout(timer)
    timer = setTimeout(beat, everyMs)
  }
  at('operator').addEventListener('toggle', beat)
  document.addEventListener('visibilitychange', beat)
  return beat
}
