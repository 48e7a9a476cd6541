import { at } from './dom.js'
import { milliseconds } from './format.js'
import { fill, words } from './words.js'

const WIDTH = 600
const HEIGHT = 150
const FLOOR = HEIGHT - 8
const TOP = 10
const PLACES = 60
/** Powers of ten of a millisecond: from 1 ms to 100 s. */
const DECADES = 5
const MARKS = [1, 10, 100, 1000, 10_000]

function shape(name, attributes, text) {
  const made = document.createElementNS('http://www.w3.org/2000/svg', name)
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value)
  if (text !== undefined) made.textContent = text
  return made
}

/** Height on a logarithmic scale: a cached play and a cold one differ a thousandfold. */
function heightOf(ms) {
  const share = Math.log10(Math.max(1, ms)) / DECADES
  return Math.max(2, Math.min(1, share) * (FLOOR - TOP))
}

/** Room for the words: on a phone they are larger (plays.css). */
const small = matchMedia('(max-width: 34rem)')
const left = () => (small.matches ? 92 : 56)

const gridLines = () =>
  MARKS.flatMap((ms) => {
    const y = FLOOR - (ms === 1 ? 0 : heightOf(ms))
    return [
      shape('line', { x1: left(), x2: WIDTH, y1: y, y2: y }),
      shape('text', { x: left() - 8, y: y + 4 }, milliseconds(ms).replace(/[.,]0/, '')),
    ]
  })

let drawn = ''

/** One bar for each of the last plays, newest at the right. */
export function showChart(firstBytes) {
  const now = `${left()} ${JSON.stringify(firstBytes)}`
  if (now === drawn) return
  drawn = now
  const step = (WIDTH - left()) / PLACES
  const bars = firstBytes.slice(-PLACES).map(({ ms, from }, i, shown) => {
    const height = heightOf(ms)
    const x = WIDTH - (shown.length - i) * step + 1
    const bar = shape('rect', { x, y: FLOOR - height, width: step - 2, height, rx: 1.5 })
    bar.dataset.from = from
    bar.append(shape('title', {}, milliseconds(ms)))
    return bar
  })
  const svg = at('chart')
  svg.setAttribute('viewBox', `0 0 ${WIDTH} ${HEIGHT}`)
  const last = firstBytes.at(-1)
  const { plays } = words.status
  const time = milliseconds(last?.ms)
  svg.setAttribute('aria-label', last ? fill(plays.bars, { n: bars.length, time }) : plays.noBars)
  svg.replaceChildren(...gridLines(), ...bars)
}
