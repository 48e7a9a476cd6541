import { readFileSync } from 'node:fs'

/** A table of Markdown, one row a line. */
export const markdownTable = (
  head: readonly string[],
  rows: readonly (readonly string[])[],
): string =>
  [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n')

/** Cells of every row of the first table whose heading begins with the given cell. */
export function tableRows(file: string, firstHeading: string): string[][] {
  const lines = readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8').split('\n')
  const head = lines.findIndex((line) => line.startsWith(`| ${firstHeading} |`))
  if (head < 0) throw new Error(`${file} has no table that begins with "${firstHeading}"`)
  const body = lines.slice(head + 2)
  const end = body.findIndex((line) => !line.startsWith('|'))
  return body.slice(0, end < 0 ? body.length : end).map((line) =>
    line
      .slice(1, line.lastIndexOf('|'))
      .split('|')
      .map((cell) => cell.trim()),
  )
}
