/** Lays rows out as a table. The first `right` columns are aligned to the right. */
export function columns(rows: readonly (readonly string[])[], right: number): string {
  const widths: number[] = []
  for (const row of rows) {
    for (const [i, cell] of row.entries()) widths[i] = Math.max(widths[i] ?? 0, cell.length)
  }
  const line = (row: readonly string[]): string =>
    row
      .map((cell, i) => (i < right ? cell.padStart(widths[i] ?? 0) : cell.padEnd(widths[i] ?? 0)))
      .join('  ')
      .trimEnd()
  return rows.map((row) => `${line(row)}\n`).join('')
}

const STEPS = [
  [86_400_000, 'day'],
  [3_600_000, 'hour'],
  [60_000, 'minute'],
] as const

/** A past time in words, such as `2 days ago`. Negative, after the clock was set back, is `just now`. */
export function ago(ms: number): string {
  for (const [step, name] of STEPS) {
    const count = Math.floor(ms / step)
    if (count >= 1) return `${count} ${name}${count === 1 ? '' : 's'} ago`
  }
  return 'just now'
}
