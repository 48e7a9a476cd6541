/** Figures for people. Sizes are decimal: 1 MB = 10^6 bytes. */

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB']

export function size(bytes) {
  if (!Number.isFinite(bytes)) return '–'
  let amount = Math.max(0, bytes)
  let unit = 0
  while (amount >= 999.95 && unit < UNITS.length - 1) {
    amount /= 1000
    unit++
  }
  return `${amount.toFixed(unit === 0 || amount >= 99.95 ? 0 : 1)} ${UNITS[unit]}`
}

export function milliseconds(ms) {
  if (!Number.isFinite(ms)) return '–'
  if (ms > 0 && ms < 0.95) return 'under 1 ms'
  return ms < 999.5 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`
}

export function duration(seconds) {
  if (!Number.isFinite(seconds)) return '–'
  const whole = Math.floor(seconds)
  const parts = [
    [Math.floor(whole / 86400), 'd'],
    [Math.floor(whole / 3600) % 24, 'h'],
    [Math.floor(whole / 60) % 60, 'min'],
    [whole % 60, 's'],
  ]
  const first = parts.findIndex(([amount]) => amount > 0)
  if (first < 0) return '0 s'
  return parts
    .slice(first, first + 2)
    .filter(([amount]) => amount > 0)
    .map(([amount, unit]) => `${amount} ${unit}`)
    .join(' ')
}

/** Share of hits in all that were asked of the cache; undefined before the first. */
export function hitRate(hits, misses) {
  return hits + misses > 0 ? `${Math.round((100 * hits) / (hits + misses))} %` : '–'
}

/** Per cent of a limit, for a bar: 0 to 100 whatever comes in. */
export function share(part, whole) {
  if (!(whole > 0) || !Number.isFinite(part)) return 0
  return Math.min(100, Math.max(0, (100 * part) / whole))
}
