import { fill, lang, words } from './words.js'

/** Figures for people, as their language writes them. Sizes are decimal: 1 MB = 10^6 bytes. */

const { units } = words.progress
const tenths = (amount, digits) =>
  amount.toLocaleString(lang, {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
    useGrouping: false,
  })

export function size(bytes) {
  if (!Number.isFinite(bytes)) return '–'
  let amount = Math.max(0, bytes)
  let unit = 0
  while (amount >= 999.95 && unit < units.bytes.length - 1) {
    amount /= 1000
    unit++
  }
  return `${tenths(amount, unit === 0 || amount >= 99.95 ? 0 : 1)} ${units.bytes[unit]}`
}

export const rate = (bytesPerSecond) => fill(units.aSecond, { size: size(bytesPerSecond) })

export function milliseconds(ms) {
  if (!Number.isFinite(ms)) return '–'
  if (ms > 0 && ms < 0.95) return units.underMillisecond
  return ms < 999.5
    ? fill(units.milliseconds, { n: Math.round(ms) })
    : fill(units.seconds, { n: tenths(ms / 1000, 1) })
}

export function duration(seconds) {
  if (!Number.isFinite(seconds)) return '–'
  const whole = Math.floor(seconds)
  const parts = [
    [Math.floor(whole / 86400), units.days],
    [Math.floor(whole / 3600) % 24, units.hours],
    [Math.floor(whole / 60) % 60, units.minutes],
    [whole % 60, units.seconds],
  ]
  const first = parts.findIndex(([amount]) => amount > 0)
  if (first < 0) return fill(units.seconds, { n: 0 })
  return parts
    .slice(first, first + 2)
    .filter(([amount]) => amount > 0)
    .map(([n, unit]) => fill(unit, { n }))
    .join(' ')
}

/** Share of hits in all that were asked of the cache; undefined before the first. */
export function hitRate(hits, misses) {
  if (hits + misses === 0) return '–'
  return fill(units.percent, { percent: Math.round((100 * hits) / (hits + misses)) })
}

/** Per cent of a limit, for a bar: 0 to 100 whatever comes in. */
export function share(part, whole) {
  if (!(whole > 0) || !Number.isFinite(part)) return 0
  return Math.min(100, Math.max(0, (100 * part) / whole))
}
