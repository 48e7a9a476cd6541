import { clock } from './dates.js'
import { element } from './dom.js'

/** Of the lines of one chart, in their order: names of colours in page.css. */
export const colours = ['accent', 'good', 'warn']

const HEIGHT = 170
/** Beside the colours, so that lines are told apart without them. */
const DASHES = { accent: [], good: [7, 4], warn: [2, 3] }
const FONT = '12px system-ui, sans-serif'
/** Events stay in the lower third, below the lines. */
const EVENTS_SHARE = 3

let loading

/** The library is fetched once, when it is wanted. */
function loadPlot() {
  loading ??= new Promise((resolve, reject) => {
    const script = element('script')
    script.src = 'assets/uplot.js'
    script.onload = () => resolve(window.uPlot)
    script.onerror = () => {
      loading = undefined
      reject(new Error('assets/uplot.js could not be read'))
    }
    document.head.append(script)
  })
  return loading
}

/** Asked at every drawing: the colours follow the system's light and dark. */
const colour = (name) => () =>
  getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim()

const hours = (_, splits) => splits.map(clock)

/** A value between two gaps is no line: it is drawn as a dot. */
function alone(plot, n) {
  const points = plot.data[n]
  return points.flatMap((value, i) => {
    const isAlone = value !== null && (points[i - 1] ?? null) === null
    return isAlone && (points[i + 1] ?? null) === null ? [i] : []
  })
}

function seriesOf(Plot, { kind, colour: name }) {
  const stroke = colour(name)
  if (kind === 'event') {
    const paths = Plot.paths.bars({ size: [0.9, 6, 3] })
    return { scale: 'events', stroke, fill: stroke, paths, width: 0, points: { show: false } }
  }
  const points = { show: true, filter: alone, size: 5, stroke, fill: stroke }
  return { scale: 'y', stroke, width: 2, dash: DASHES[name], points, spanGaps: false }
}

const HOUR = 3600

const axis = {
  stroke: colour('soft'),
  font: FONT,
  grid: { stroke: colour('line'), width: 1 },
  ticks: { show: false },
}

const hoursAxis = () => ({
  ...axis,
  ...{ size: 30, gap: 9, space: 76, values: hours },
  incrs: [1, 2, 3, 4, 6, 12].map((count) => count * HOUR),
})

/** Steps from one thing on: there is no half of a play, nor of a byte. */
const STEPS = Array.from({ length: 46 }, (_, i) => [1, 2, 5][i % 3] * 10 ** Math.floor(i / 3))

const valuesAxis = (unit) => ({
  ...axis,
  ...{ scale: 'y', size: 74, space: 34, incrs: STEPS },
  values: (_, splits) => splits.map((at) => unit(at).replace(/[.,]0(?= )/, '')),
})

function optionsOf(Plot, { series, unit, least, pointed }, width) {
  const upTo = (share, floor) => (_, __, max) => [0, Math.max(floor, max ?? 0) * share]
  return {
    ...{ width, height: HEIGHT, padding: [10, 12, 0, 0] },
    legend: { show: false },
    cursor: { y: false, drag: { x: false, y: false }, points: { size: 7 } },
    scales: {
      x: { time: true },
      y: { range: upTo(1.1, least) },
      events: { range: upTo(EVENTS_SHARE, 1) },
    },
    axes: [hoursAxis(), valuesAxis(unit)],
    series: [{}, ...series.map((one) => seriesOf(Plot, one))],
    hooks: { setCursor: [({ cursor }) => pointed(cursor.idx)] },
  }
}

/**
 * Draws lines over a day into a box, as wide as it is, until `destroy`.
 * @param {{ series: object[], times: number[], unit(value: number): string, least: number, pointed(i?: number): void }} chart
 */
export async function drawDay(box, chart) {
  const Plot = await loadPlot()
  const columns = chart.series.map(({ kind, points }) =>
    kind === 'event' ? points.map((value) => value || null) : points,
  )
  const plot = new Plot(optionsOf(Plot, chart, box.clientWidth), [chart.times, ...columns], box)
  const resized = new ResizeObserver(() => {
    if (box.clientWidth > 0) plot.setSize({ width: box.clientWidth, height: HEIGHT })
  })
  resized.observe(box)
  const scheme = matchMedia('(prefers-color-scheme: dark)')
  const redraw = () => plot.redraw(false, true)
  scheme.addEventListener('change', redraw)
  return {
    destroy() {
      resized.disconnect()
      scheme.removeEventListener('change', redraw)
      plot.destroy()
    },
  }
}
