import { element } from './dom.js'
import { words } from './words.js'

const { source, metadata, peers, firstBytes, playing } = words.status.player
const NAMES = [source, metadata, peers, firstBytes, playing]

/** What a play goes through, as a line of steps. It only goes on, never back. */
export function createSteps() {
  const list = element('ol', '', 'steps small')
  const items = NAMES.map((name) => element('li', name))
  list.append(...items)
  let reached = -1

  function reach(done) {
    if (done <= reached) return
    reached = done
    items.forEach((item, i) => {
      item.dataset.state = i < done ? 'done' : i === done ? 'now' : 'later'
      if (i === done) item.setAttribute('aria-current', 'step')
      else item.removeAttribute('aria-current')
    })
  }

  reach(0)
  return {
    list,
    /** @param {number} done how many are behind us */
    reach,
    /** It ended at the step it was at. */
    fail() {
      const item = items[Math.min(reached, items.length - 1)]
      item.dataset.state = 'failed'
    },
  }
}
