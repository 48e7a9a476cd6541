const UNITS = ['B', 'kB', 'MB', 'GB', 'TB'] as const

/**
 * A size for people to read, such as `1.5 GB`, in decimal units as the limits are: 1 MB = 10^6
 * bytes.
 */
export function readableSize(bytes: number): string {
  let amount = bytes
  let unit = 0
  while (amount >= 999.95 && unit < UNITS.length - 1) {
    amount /= 1000
    unit++
  }
  const digits = unit === 0 || amount >= 99.95 ? 0 : 1
  return `${amount.toFixed(digits)} ${UNITS[unit]}`
}
