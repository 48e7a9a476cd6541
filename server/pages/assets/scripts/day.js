import { whileOpen } from './beat.js'
import { colours, drawDay } from './day-plot.js'
import { at, element, say } from './dom.js'
import { milliseconds, size } from './format.js'
import { ask } from './orders.js'

const EVERY_MS = 60_000

/** `lines` of one unit, and `events` that are counted below them; `least`: what the scale reaches at least. */
const CHARTS = [
  {
    title: 'Running',
    lines: {
      playsRunning: 'plays',
      downloadsRunning: 'downloads',
      conversionsRunning: 'conversions',
    },
    unit: String,
    least: 4,
  },
  {
    title: 'Bytes a second',
    lines: { sentBytesPerSecond: 'sent', downloadedBytesPerSecond: 'downloaded' },
    unit: (bytes) => `${size(bytes)}/s`,
    least: 1_000_000,
  },
  {
    title: 'Disk',
    lines: { diskUsedBytes: 'used' },
    events: { evictedFiles: 'files evicted' },
    tone: 'warn',
    unit: size,
    least: 1_000_000,
  },
  {
    title: 'First byte',
    lines: { firstByteMs: 'median' },
    events: { errors: 'errors' },
    tone: 'bad',
    unit: milliseconds,
    least: 100,
  },
]

const clock = (seconds) =>
  new Date(seconds * 1000).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' })

/** The latest and the highest, in words. */
function lineWords(name, points, times, unit) {
  const last = points.findLastIndex((value) => value !== null)
  if (last < 0) return `${name}: nothing yet`
  const highest = points.reduce((best, value, i) => (value > (points[best] ?? -1) ? i : best), last)
  if (points[highest] === 0) return `${name}: none in this day`
  const when = last === points.length - 1 ? 'now' : `at ${clock(times[last])}`
  return `${name}: ${unit(points[last])} ${when}, at most ${unit(points[highest])} at ${clock(times[highest])}`
}

const sum = (points) => points.reduce((all, value) => all + (value ?? 0), 0)

/** One line of the legend for each series: what it was at the moment under the pointer, else the day's words. */
function legendOf(series, times) {
  const list = element('ul', '', 'legend small soft')
  // The picture's own words say it to screen readers.
  list.setAttribute('aria-hidden', 'true')
  const items = series.map(({ kind, colour }) => {
    const item = element('li')
    item.dataset[kind] = colour
    list.append(item)
    return item
  })
  return {
    list,
    show(i) {
      series.forEach(({ name, points, unit, words }, n) => {
        const value = i == null ? undefined : points[i]
        const text = value == null ? 'nothing known' : unit(value)
        items[n].textContent = i == null ? words : `${name} at ${clock(times[i])}: ${text}`
      })
    },
  }
}

/** What is there of a chart: a figure that was never measured has no line. */
function seriesOf({ lines, events = {}, tone, unit }, figures, times) {
  const drawn = Object.entries(lines)
    .filter(([key], i) => i === 0 || figures[key].some((value) => value !== null))
    .map(([key, name], i) => {
      const words = lineWords(name, figures[key], times, unit)
      return { name, points: figures[key], unit, words, colour: colours[i], kind: 'line' }
    })
  const counted = Object.entries(events).map(([key, name]) => {
    const words = `${name}: ${sum(figures[key])} in this day`
    return { name, points: figures[key], unit: String, words, colour: tone, kind: 'event' }
  })
  return [...drawn, ...counted]
}

function chartOf(chart) {
  const box = element('figure', '', 'day-chart')
  const plot = element('div', '', 'plot')
  plot.setAttribute('role', 'img')
  box.append(element('figcaption', chart.title), plot)
  return { chart, box, plot, drawn: undefined, legend: undefined }
}

async function show(one, times, figures) {
  const series = seriesOf(one.chart, figures, times)
  const words = series.map((line) => line.words).join('. ')
  one.plot.setAttribute('aria-label', `${one.chart.title}, the last day. ${words}.`)
  one.drawn?.destroy()
  one.legend?.list.remove()
  one.legend = legendOf(series, times)
  one.box.append(one.legend.list)
  one.legend.show()
  one.drawn = await drawDay(one.plot, { ...one.chart, series, times, pointed: one.legend.show })
}

/** Charts of GET api/history, drawn when the operator's part is open. */
export function prepareDay() {
  const charts = CHARTS.map(chartOf)
  at('day').append(...charts.map(({ box }) => box))
  const draw = whileOpen(EVERY_MS, async () => {
    try {
      const { from, everySeconds, figures } = await ask('api/history')
      const times = figures.errors.map((_, i) => Date.parse(from) / 1000 + i * everySeconds)
      for (const one of charts) await show(one, times, figures)
      say('day-note', `This node, a point each ${everySeconds / 60} minutes`)
    } catch {
      say('day-note', 'It could not be read; it is asked for again.')
    }
  })
  void draw()
}
