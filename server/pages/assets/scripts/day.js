import { whileOpen } from './beat.js'
import { clock } from './dates.js'
import { colours, drawDay } from './day-plot.js'
import { at, element, say } from './dom.js'
import { milliseconds, rate, size } from './format.js'
import { ask } from './orders.js'
import { counted, fill, number, words } from './words.js'

const EVERY_MS = 60_000
const { day: told } = words.operator

/** `lines` of one unit, and `events` that are counted below them; `least`: what the scale reaches at least. */
const CHARTS = [
  {
    title: told.running,
    lines: {
      playsRunning: told.plays,
      downloadsRunning: told.downloads,
      conversionsRunning: told.conversions,
    },
    unit: number,
    least: 4,
  },
  {
    title: told.bytes,
    lines: { sentBytesPerSecond: told.sent, downloadedBytesPerSecond: told.downloaded },
    unit: rate,
    least: 1_000_000,
  },
  {
    title: told.disk,
    lines: { diskUsedBytes: told.used },
    events: { evictedFiles: told.evicted },
    tone: 'warn',
    unit: size,
    least: 1_000_000,
  },
  {
    title: told.firstByte,
    lines: { firstByteMs: told.median },
    events: { errors: told.errors },
    tone: 'bad',
    unit: milliseconds,
    least: 100,
  },
]

/** The latest and the highest, in words. */
function lineWords(name, points, times, unit) {
  const last = points.findLastIndex((value) => value !== null)
  if (last < 0) return fill(told.nothing, { name })
  const highest = points.reduce((best, value, i) => (value > (points[best] ?? -1) ? i : best), last)
  if (points[highest] === 0) return fill(told.zero, { name })
  return fill(last === points.length - 1 ? told.latest : told.earlier, {
    ...{ name, value: unit(points[last]), when: clock(times[last]) },
    ...{ most: unit(points[highest]), time: clock(times[highest]) },
  })
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
      series.forEach(({ name, points, unit, whole }, n) => {
        const value = i == null ? undefined : points[i]
        const text = value == null ? told.unknown : unit(value)
        items[n].textContent =
          i == null ? whole : fill(told.moment, { name, time: clock(times[i]), value: text })
      })
    },
  }
}

/** What is there of a chart: a figure that was never measured has no line. */
function seriesOf({ lines, events = {}, tone, unit }, figures, times) {
  const drawn = Object.entries(lines)
    .filter(([key], i) => i === 0 || figures[key].some((value) => value !== null))
    .map(([key, name], i) => {
      const whole = lineWords(name, figures[key], times, unit)
      return { name, points: figures[key], unit, whole, colour: colours[i], kind: 'line' }
    })
  const counted = Object.entries(events).map(([key, name]) => {
    const whole = fill(told.inAll, { name, n: sum(figures[key]) })
    return { name, points: figures[key], unit: number, whole, colour: tone, kind: 'event' }
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
  const all = series.map(({ whole }) => whole).join('. ')
  one.plot.setAttribute('aria-label', fill(told.label, { title: one.chart.title, series: all }))
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
      say('day-note', counted(told.points, everySeconds / 60))
    } catch {
      say('day-note', told.unread)
    }
  })
  void draw()
}
